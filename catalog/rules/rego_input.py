"""What a Rego policy is told about a subject: a model version as of its training, or a data set or column as it is now.

The form is published as `schema/json/headwater.policy-input.json`. Every list is in a fixed order, so that equal states give equal
documents, and the digest of a document names what was looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from catalog.answers import Data, node
from catalog.graph import columns_in
from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.instants import day
from catalog.model.names import Urn, dataset_of
from catalog.policies import Rule, digest_of
from catalog.rules.judging import Estate, Ground
from catalog.rules.licence import licences_of
from catalog.show import suites_of, with_checks

SCHEMA: Final = "headwater.policy-input/1"
_LABELS: Final = ("TAGGED", "MEANS", "OWNED_BY", "COVERED_BY")
_OF_MODELS: Final = ("run", "code", "parameters", "environment", "datasets", "features", "checks", "missing")
_CONSENT: Final = {"document": "document", "status": "status", "purposes": "purposes", "legalBasis": "legal_basis",
                   "validFrom": "valid_from", "validTo": "valid_to", "regions": "regions"}  # fmt: skip
_MANY: Final = 500


def documents(estate: Estate, rule: Rule) -> Iterator[tuple[Urn, Data]]:
    """Yields the subjects of a rule, each with what the policy is told of it."""
    subjects = rule.options.get("subjects", "model_versions")
    if subjects == "model_versions":
        for ground in estate.grounds_of(rule):
            yield ground.version, _of_version(estate, rule, ground)
        return
    kind = "dataset" if subjects == "datasets" else "column"
    found = sorted(n.urn for n in find_all(estate.store, [kind]) if n.closed_since is None)
    for i in range(0, len(found), _MANY):
        part = found[i : i + _MANY]
        labels = Labels(estate, part)
        for urn in part:
            yield urn, _of_data(estate, rule, labels, urn)


def digest(document: Data) -> str:
    """Returns the digest of a document; the day of the question is no part of it."""
    return digest_of({key: value for key, value in document.items() if key != "today"})


def _head(estate: Estate, rule: Rule, urn: Urn, text: str) -> Data:
    named = {"namespace": urn.namespace, "name": urn.name}
    return {
        "schema": SCHEMA, "today": day(estate.now).isoformat(), "rule": {"id": rule.id, "text": rule.text},
        "subject": node({urn: text}, urn, **named),
    }  # fmt: skip


def _of_version(estate: Estate, rule: Rule, ground: Ground) -> Data:
    told = ground.story.answer(estate.refs).data
    terms = ground.terms
    model = {
        "purposes": sorted(terms.purposes) if terms else [],
        "regions": sorted(estate.regions_of(ground)),
        "owner": terms.owner if terms else None,
        "version": ground.version.parts[2],
        "aliases": sorted(ground.story.training.properties.get("aliases") or ()),
        "status": ground.story.training.properties.get("status"),
    }
    places = ground.nodes("value")
    sources = {Urn.parse(source["urn"]): source for source in told["sources"]}
    labels = Labels(estate, [*sources, *(c for columns in places.values() for c in columns)])
    said = [
        {
            **labels.of(urn), **{name: source[name] for name in ("flow", "hops", "terminal")},
            "columns": [labels.of(c) for c in sorted(places.get(urn, ())) if c.kind == "column"],
        }
        for urn, source in sorted(sources.items())
    ]  # fmt: skip
    more = {"model": model, "trainedAt": told["trainedAt"], "sources": said, "gaps": ground.gaps(rule.lineage)}
    return (
        _head(estate, rule, ground.version, estate.text(ground.version))
        | more
        | {name: told[name] for name in _OF_MODELS}
    )


def _of_data(estate: Estate, rule: Rule, labels: Labels, urn: Urn) -> Data:
    state = labels.states[urn].properties
    told: Data = {
        "data": labels.of(urn), "type": state.get("type") or state.get("data_type"),
        "checks": suites_of(estate.store, estate.refs, urn) if dataset_of(urn) in labels.checked else [],
    }  # fmt: skip
    if urn.kind == "dataset":
        told["columns"] = [labels.of(column) for column in labels.inside[urn]]
    return _head(estate, rule, urn, told["data"]["ref"]) | told


class Labels:
    """Tags, terms, owners, consents, residency and licences of data sets and columns, asked for all at once."""

    def __init__(self, estate: Estate, urns: Collection[Urn]) -> None:
        store = estate.store
        datasets = {urn for urn in urns if urn.kind == "dataset"}
        self.inside = _columns(estate, datasets)
        every = {
            *urns,
            *(dataset_of(u) for u in urns if u.kind == "column"),
            *(c for cs in self.inside.values() for c in cs),
        }
        links = link_all(store, list(store.keys(list(every)).values()), _LABELS)
        self._links: defaultdict[tuple[Urn, str], list[Link]] = defaultdict(list)
        for link in links:
            self._links[link.start, link.type].append(link)
        ends = {link.end for link in links}
        self.states = store.get([*every, *ends])
        self._texts = estate.refs.texts([*every, *ends])
        self.checked = with_checks(store, urns) if urns else set[Urn]()
        self._residency = _residency(estate)
        self._licences = licences_of(estate, {urn for urn in every if urn.kind == "dataset"})

    def of(self, urn: Urn) -> Data:
        """Returns what is said of one thing; residency and licences of a column are those of its data set."""
        owner = dataset_of(urn) if urn.kind == "column" else urn
        regions = self._residency.get(urn, set()) | self._residency.get(owner, set())
        return {
            **node(self._texts, urn),
            "tags": sorted({_tag(link) for link in self._links[urn, "TAGGED"]}),
            "terms": sorted(self._texts[link.end] for link in self._links[urn, "MEANS"]),
            "owners": sorted({self._texts[link.end] for link in self._links[urn, "OWNED_BY"]}),
            "consents": [
                self._consent(link.end) for link in self._links[urn, "COVERED_BY"] if link.end.kind == "consent"
            ],
            "residency": sorted(regions),
            "licences": sorted(self._licences.get(owner, ())),
        }

    def _consent(self, urn: Urn) -> Data:
        said: Mapping[str, Any] = self.states[urn].properties
        return {"ref": self._texts[urn], **{name: said.get(key) for name, key in _CONSENT.items()}}


def _tag(link: Link) -> str:
    value = link.properties.get("value")
    return link.end.name if value is None else f"{link.end.name}={value}"


def _columns(estate: Estate, datasets: Iterable[Urn]) -> Mapping[Urn, Sequence[Urn]]:
    """Returns the columns of data sets, by name."""
    found: defaultdict[Urn, list[Urn]] = defaultdict(list)
    for column in columns_in(estate.store, datasets):
        found[dataset_of(column)].append(column)
    return found


def _residency(estate: Estate) -> dict[Urn, set[str]]:
    found: defaultdict[Urn, set[str]] = defaultdict(set)
    for region, urns in estate.homes.items():
        for urn in urns:
            found[urn].add(region)
    return dict(found)
