"""What stands behind a model version or one of its predictions: run, code, data with digests, features back to their sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from catalog.answers import Answer, Data, node, show_as_of
from catalog.graph import VALUE, adjacency, components
from catalog.hindsight import Hindsight, Then, Trail, walk_back
from catalog.identity import find_all
from catalog.links import Link, link_all
from catalog.model.canonical import loads
from catalog.model.errors import InvalidTimeError
from catalog.model.instants import Instant, parse, show
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.show import suites_of
from catalog.starting import lift, start_keys
from catalog.store.port import Store
from catalog.training import (
    read_json,
    refs_of,
    say_code,
    say_datasets,
    say_environment,
    say_parameters,
    say_run,
    training_of,
)

_TABLE: Final = frozenset({"DEPENDS_ON"})


def provenance(store: Store, refs: Refs, urn: Urn) -> Answer:
    """Returns what stands behind a model version, or behind a prediction.

    Lineage is that of the time of training; what was written down only later says so (`known`). Every gap is in `missing`.
    """
    if urn.kind == "prediction":
        return _prediction(store, refs, urn)
    return ModelStory(store, urn).answer(refs)


@dataclass(slots=True)
class _Source:
    """A data set upstream."""

    flow: str
    hops: int
    terminal: bool = False


class ModelStory:
    """The provenance of one model version."""

    def __init__(self, store: Store, version: Urn) -> None:
        self.store = store
        self.training = training_of(store, version)
        self.at = self.training.at
        self.then = Then(store, self.at)
        columns = {link.end: 1 for link in self.training.features}
        self.values = walk_back(store, self.then, columns, VALUE)
        self.tables = self._walk_tables()

    @cached_property
    def ends(self) -> dict[Urn, set[Urn]]:
        """The far ends of everything by value. Costs the product of things and ends: whoever needs only reach does without."""
        return far_ends(self.values)

    def _walk_tables(self) -> Trail:
        """Walks back data set by data set; a job tells what was read only where no statement does."""
        starts: dict[Urn, int] = {dataset_of(urn): 1 for urn in self.training.inputs}
        for urn, hops in self.values.hops.items():
            if urn.kind == "column":
                starts[dataset_of(urn)] = min(hops, starts.get(dataset_of(urn), hops))
        trail = walk_back(self.store, self.then, starts, _TABLE)
        while True:
            told = {edge.link.start for edge in trail.edges}
            silent = {u: h for u, h in trail.hops.items() if u not in told and u.kind == "dataset"}
            more = {u: h for u, h in self._by_jobs(silent, trail).items() if u not in trail.hops}
            if not more:
                return trail
            _extend(trail, walk_back(self.store, self.then, more, _TABLE))

    def _by_jobs(self, silent: Mapping[Urn, int], trail: Trail) -> dict[Urn, int]:
        made = self.then.links(self.store.keys(silent.keys()).values(), ["PRODUCED_BY"])
        read = self.then.links(self.store.keys({m.link.end for m in made}).values(), ["READS"])
        inputs: defaultdict[Urn, list[Hindsight]] = defaultdict(list)
        for one in read:
            inputs[one.link.start].append(one)
        found: dict[Urn, int] = {}
        for out in made:
            for into in inputs[out.link.end]:
                hops = silent[out.link.start] + 1
                found[into.link.end] = min(hops, found.get(into.link.end, hops))
                said = (*out.link.said, *into.link.said)
                edge = Hindsight(Link(out.link.start, into.link.end, "DEPENDS_ON", said), out.since or into.since)
                trail.edges.append(edge)
        return found

    # --- features

    def features(self, texts: Mapping[Urn, str]) -> list[Data]:
        """Returns one entry for each feature name and role, with the columns at the far end of all that it is read from."""
        by_name: defaultdict[tuple[str, str], list[Link]] = defaultdict(list)
        for link in self.training.features:
            by_name[str(link.properties.get("role", "feature")), link.end.parts[-1]].append(link)
        order = {name: i for i, name in enumerate(self.training.properties.get("features") or ())}
        said = [self._feature(texts, role, links) for (role, _), links in by_name.items()]
        return sorted(said, key=lambda f: (f["role"], order.get(f["name"], len(order)), f["name"]))

    def _feature(self, texts: Mapping[Urn, str], role: str, links: list[Link]) -> Data:
        ends = {link.end: self.ends[link.end] - {link.end} for link in links}
        best = min(links, key=lambda k: (not ends[k.end], str(k.end)))
        return node(
            texts,
            best.end,
            name=best.end.parts[-1],
            role=role,
            sources=sorted(texts[urn] for urn in set[Urn]().union(*ends.values())),
            alsoIn=sorted(texts[k.end] for k in links if k is not best),
            exactness=best.exactness,
            observed=best.exactness == "exact",
        )

    # --- sources

    def sources(self) -> dict[Urn, _Source]:
        found: dict[Urn, _Source] = {}
        for urn, hops in self.tables.hops.items():
            if urn.kind == "dataset":
                found[urn] = _Source("table", hops)
        for urn, hops in self.values.hops.items():
            if urn.kind in ("column", "dataset"):
                known = found.get(dataset_of(urn))
                least = hops if known is None or known.flow == "table" else min(hops, known.hops)
                found[dataset_of(urn)] = _Source("value", least)
        self._mark_terminals(found)
        return found

    def _mark_terminals(self, found: dict[Urn, _Source]) -> None:
        """Nothing is upstream of a terminal data set by its flow; equal content is upstream if it lies further back."""
        by_table = {edge.link.start for edge in self.tables.edges}
        by_value = self._valued([urn for urn, source in found.items() if source.flow == "value"])
        tied = {
            (lift(near), lift(far))
            for trail in (self.values, self.tables)
            for near, far, _ in trail.ties
            if lift(near) in found and lift(far) in found
        }
        further = {near for near, far in tied if found[near].hops < found[far].hops}
        for urn, source in found.items():
            above = by_value if source.flow == "value" else by_table
            source.terminal = urn not in above and urn not in further and not self._is_cut(urn, found)

    def _valued(self, datasets: list[Urn]) -> set[Urn]:
        """Returns the data sets of which any column derives from another data set."""
        columns = start_keys(self.store, datasets, table_only=False)
        edges = self.then.links(columns.keys(), VALUE)
        return {lift(e.link.start) for e in edges if lift(e.link.start) != lift(e.link.end)}

    def _is_cut(self, urn: Urn, found: Mapping[Urn, _Source]) -> bool:
        """Returns whether values are known to come from further back, though not column by column: a split or a copy."""
        return any(
            found[edge.link.end].flow == "value"
            for edge in self.tables.edges
            if edge.link.start == urn and edge.link.end in found and urn in self._read_by_run()
        )

    def _read_by_run(self) -> set[Urn]:
        inputs = {dataset_of(urn) for urn in self.training.inputs}
        return inputs | {dataset_of(urn) for urn in self.training.same}

    # --- saying it

    def answer(self, refs: Refs) -> Answer:
        training, sources = self.training, self.sources()
        named = [
            *self.values.hops,
            *sources,
            *(e.link.end for e in self._hops()),
            *(e.link.start for e in self._hops()),
        ]
        texts = {**refs_of(training, refs), **refs.texts(named)}
        missing = _missing(self, texts, sources)
        later = sorted({edge.since for edge in self._hops() if edge.since is not None})
        data: Data = {
            "modelVersion": node(texts, training.version),
            "trainedAt": None if self.at is None else show_as_of(self.at),
            "run": say_run(training, texts),
            "code": say_code(self.store, training),
            "parameters": say_parameters(training),
            "environment": say_environment(training, texts),
            "datasets": say_datasets(training, texts),
            "features": self.features(texts),
            "sources": _say_sources(texts, sources),
            "hops": [_say_hop(texts, edge) for edge in self._hops()] + self._say_ties(texts),
            "checks": self._checks(refs, sources),
            "missing": missing,
        }
        warnings = [f"Part of the lineage is known only since {show(later[0])}, after the training."] if later else []
        return Answer("provenance", data, self.at, not missing, tuple(warnings))

    def _hops(self) -> list[Hindsight]:
        return sorted(
            [*self.values.edges, *self.tables.edges], key=lambda e: (str(e.link.start), str(e.link.end), e.link.type)
        )

    def _say_ties(self, texts: Mapping[Urn, str]) -> list[Data]:
        seen = {
            (near, far, tie.type, tie.reason) for near, far, tie in self.values.ties if near in texts and far in texts
        }
        return [
            {
                "from": texts[far],
                "to": texts[near],
                "type": type_,
                "subtype": None,
                "observed": True,
                "known": None,
                "reason": why,
            }
            for near, far, type_, why in sorted(seen)
        ]

    def _checks(self, refs: Refs, sources: Mapping[Urn, _Source]) -> list[Data]:
        """Returns the last run of each suite, by the time of training, over what values came from."""
        read = {urn for urn, source in sources.items() if source.flow == "value"} | {
            dataset_of(u) for u in self.training.inputs
        }
        last: dict[tuple[str, str], Data] = {}
        for urn in sorted(read):
            subject = refs.format(urn)
            for found in suites_of(self.store, refs, urn):
                if self.at is None or _time(found["at"]) <= self.at:
                    last[subject, found["suite"] or found["check"]] = {"subject": subject, **found}
        return [last[key] for key in sorted(last)]


def _time(text: str | None) -> Instant:
    """Returns a time that a source wrote; what is none counts as long ago."""
    try:
        return parse(text or "")
    except InvalidTimeError:
        return Instant(0)


def _extend(trail: Trail, more: Trail) -> None:
    for urn, hops in more.hops.items():
        trail.hops[urn] = min(hops, trail.hops.get(urn, hops))
    trail.edges += more.edges
    trail.ties += more.ties


def far_ends(trail: Trail) -> dict[Urn, set[Urn]]:
    """Returns for each thing of a walk the things at its far end: those that stand on nothing further, itself if it is one.

    Things that stand on each other, such as two names of one column, count as one; of those the furthest is the end.
    """
    onward = adjacency(
        (near, far) for near, fars in trail.onward().items() for far in sorted(fars) if far in trail.hops
    )
    ends: dict[Urn, set[Urn]] = {}
    for members in components(sorted(trail.hops), onward):
        beyond = {far for urn in members for far in onward.get(urn, ()) if far not in members}
        if beyond:
            here = set[Urn]().union(*(ends[far] for far in beyond))
        else:
            furthest = max(trail.hops[urn] for urn in members)
            here = {urn for urn in members if trail.hops[urn] == furthest}
        ends.update(dict.fromkeys(members, here))
    return ends


def _say_sources(texts: Mapping[Urn, str], sources: Mapping[Urn, _Source]) -> list[Data]:
    said = [node(texts, urn, flow=s.flow, hops=s.hops, terminal=s.terminal) for urn, s in sources.items()]
    return sorted(said, key=lambda s: (s["flow"] != "value", s["hops"], s["ref"]))


def _say_hop(texts: Mapping[Urn, str], edge: Hindsight) -> Data:
    link = edge.link
    return {
        "from": texts[link.end],
        "to": texts[link.start],
        "type": link.type,
        "subtype": link.subtype,
        "observed": edge.observed,
        "known": edge.known,
    }


def _missing(story: ModelStory, texts: Mapping[Urn, str], sources: Mapping[Urn, _Source]) -> list[str]:
    """Returns every gap, as a sentence."""
    training = story.training
    absent = [
        ("no run is known that made it", not training.runs),
        ("no commit of its code is known", not training.commits and not training.first("code_version")),
        ("no parameters are known", not say_parameters(training)),
        ("no environment is known", not training.environments),
        ("it is not known when it was trained: lineage is that of now", story.at is None),
        ("no data that it was trained on is known", not training.inputs),
        ("no feature is known", not training.features),
    ]
    found = [text for text, is_missing in absent if is_missing]
    proven = [u for u in training.inputs if u.kind == "datasetversion" and training.states[u].properties.get("digest")]
    if training.inputs and not proven:
        found.append("none of the data that it was trained on has a digest")
    by_name = defaultdict(list)
    for link in training.features:
        by_name[link.end.parts[-1]].append(story.ends[link.end] - {link.end})
    found += [f"the feature {name} has no known source" for name, ends in sorted(by_name.items()) if not any(ends)]
    return found + _not_understood(story, sources)


def _not_understood(story: ModelStory, sources: Mapping[Urn, _Source]) -> list[str]:
    """Returns what readers did not understand about the data sets upstream, as of the training."""
    wanted = {str(urn) for urn in sources}
    about = {n.urn: n.properties for n in find_all(story.store, ["skipped"]) if _concerns(n.properties, wanted)}
    held = {loads(c.body)["node"] for c in story.store.claims(about.keys(), history=True) if story.then.holds(c)}
    said = [properties for urn, properties in about.items() if str(urn) in held]
    return sorted({f"{one.get('place')}: {one.get('message') or one.get('code')}".rstrip(".") for one in said})


def _concerns(said: Mapping[str, Any], wanted: Collection[str]) -> bool:
    return any(str(lift(Urn.parse(text))) in wanted for text in said.get("subjects") or ())


# --- predictions ------------------------------------------------------------------------------------------------------


def _prediction(store: Store, refs: Refs, urn: Urn) -> Answer:
    """Returns the model version behind a prediction, and the sources of the features that were given as its reasons."""
    said = store.get([urn])[urn].properties
    versions = [
        k.end for k in link_all(store, store.keys([urn]).values(), ["PREDICTED_BY"]) if k.end.kind == "modelversion"
    ]
    texts = refs.texts([urn, *versions])
    decision = {key: said.get(key) for key in ("at", "outcome", "score", "subject")}
    data: Data = {
        "prediction": node(texts, urn),
        "modelVersion": None,
        "decision": decision,
        "features": [],
        "missing": [],
    }
    if not versions:
        data["missing"] = ["no model version is known that gave it"]
        return Answer("provenance", data, None, complete=False)
    story = ModelStory(store, versions[0])
    data["modelVersion"] = texts[versions[0]]
    named = {f["name"]: f for f in story.features(refs.texts(story.values.hops))}
    values = read_json(said.get("features"))
    reasons: Iterable[str] = said.get("reasons") or ()
    for name in reasons:
        known = named.get(name)
        if known is None:
            data["missing"].append(f"{name} was given as a reason and is no known feature of {texts[versions[0]]}")
        data["features"].append(
            {
                "ref": known["ref"] if known else None,
                "name": name,
                "value": values.get(name),
                "sources": known["sources"] if known else [],
            }
        )
    return Answer("provenance", data, story.at, not data["missing"])
