"""What stands behind a model version or one of its predictions: run, code, data with digests, features back to their sources."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from catalog.answers import Answer, Data, label, node, show_as_of
from catalog.graph import VALUE, components
from catalog.identity import find_all
from catalog.links import Link, link_all, strength
from catalog.model.canonical import loads
from catalog.model.errors import InvalidTimeError, UsageError
from catalog.model.facts import Scope
from catalog.model.instants import Instant, parse, show
from catalog.model.marks import Standing, standing
from catalog.model.names import Urn, dataset_of
from catalog.propagation import Net
from catalog.provenance.grounds import Grounds, Source, bits
from catalog.provenance.hindsight import Hindsight, Strand, sum_of_bits
from catalog.provenance.training import (
    read_json,
    refs_of,
    say_code,
    say_datasets,
    say_environment,
    say_parameters,
    say_run,
)
from catalog.refs import Refs
from catalog.show import suites_of, with_checks
from catalog.starting import lift
from catalog.store.port import Key, Store


def provenance(store: Store, refs: Refs, urn: Urn) -> Answer:
    """Returns what stands behind a model version, or behind a prediction.

    Lineage is that of the time of training; what was written down only later says so (`known`). Every gap is in `missing`.

    Raises:
        UsageError: it is neither.
    """
    if urn.kind == "prediction":
        return _prediction(store, refs, urn)
    if urn.kind != "modelversion":
        raise UsageError(
            f"{refs.format(urn)!r} is a {label(urn)}: expected a model version or a prediction. "
            "`headwater search --kind modelversion` lists them; `headwater lineage` asks about data."
        )
    return ModelStory(store, urn).answer(refs)


class ModelStory:
    """The provenance of one of the model versions of some grounds, or of one alone."""

    def __init__(self, store: Store, version: Urn, grounds: Grounds | None = None, question: int = 0) -> None:
        self.store, self.question = store, question
        self.grounds = Grounds(store, [version]) if grounds is None else grounds
        self.training = self.grounds.trainings[question]
        self.at = self.training.at
        self.then = self.grounds.then

    @cached_property
    def columns(self) -> dict[Key, Urn]:
        """Everything that it stands on by value."""
        bit = 1 << self.question
        return self.grounds.named(key for key, mask in self.grounds.valued.items() if mask & bit)

    @cached_property
    def ends(self) -> dict[Urn, set[Urn]]:
        """The far ends by value of each of its features and targets."""
        keys = {urn: key for key, urn in self.columns.items()}
        found = far_ends(self.grounds.values.net, self.grounds.value_hops(self.question), self.question)
        used = {link.end for link in self.training.features}
        return {urn: {self.columns[end] for end in found(keys[urn])} for urn in used}

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

    @cached_property
    def sources(self) -> dict[Urn, Source]:
        return self.grounds.sources(self.question)

    @cached_property
    def hops(self) -> list[Hop]:
        """Every edge on the way, whoever says so, in order."""
        grounds, bit = self.grounds, 1 << self.question
        alike: defaultdict[tuple[Key, Key, str], list[Strand]] = defaultdict(list)
        for trail, reached in ((grounds.values, grounds.valued), (grounds.tables, grounds.tabled)):
            for near, far, strand in trail.edges(self.question):
                if reached.get(near, 0) & bit:
                    alike[near, far, strand.type].append(strand)
        names = grounds.named({key for near, far, _ in alike for key in (near, far)})
        found = [_hop(names[n], names[f], type_, strands, bit) for (n, f, type_), strands in alike.items()]
        return sorted(found, key=lambda hop: (str(hop.near), str(hop.far), hop.type))

    @cached_property
    def links(self) -> list[Hindsight]:
        """Every edge on the way with the claims that say so, those of jobs where no statement tells what was read."""
        grounds, question = self.grounds, self.question
        sets = [key for key, mask in grounds.tabled.items() if mask >> question & 1]
        values = self.then.links(list(self.columns), VALUE, question)
        tables = self.then.links(sets, ["DEPENDS_ON"], question)
        told = {one.link.start for one in tables}
        silent = [key for key, urn in self.store.urns(sets).items() if urn not in told]
        made = self.then.links(silent, ["PRODUCED_BY"], question)
        read = self.then.links(list(self.store.keys({m.link.end for m in made}).values()), ["READS"], question)
        return [*values, *tables, *made, *read]

    @cached_property
    def tied(self) -> set[Urn]:
        """The data sets on the way of which another is a name, or has the same content."""
        bit, grounds = 1 << self.question, self.grounds
        trails = (grounds.values, grounds.valued), (grounds.tables, grounds.tabled)
        keys = {
            trail.owners[key]
            for trail, reached in trails
            for tie, held in trail.ties
            if held & bit & reached.get(tie.near, 0)
            for key in (tie.near, tie.far)
        }
        return set(self.store.urns(keys).values())

    @cached_property
    def ties(self) -> list[tuple[Urn, Urn, str, str]]:
        """Identity that was crossed by value: near, far, type and reason."""
        bit, names = 1 << self.question, self.columns
        return sorted(
            (names[tie.near], names[tie.far], tie.type, tie.reason)
            for tie, held in self.grounds.values.ties
            if held & bit and tie.near in names and tie.far in names
        )

    # --- saying it

    def answer(self, refs: Refs) -> Answer:
        training, sources = self.training, self.sources
        texts = {**refs_of(training, refs), **refs.texts([*self.columns.values(), *sources, *self._ends_of_hops()])}
        missing = _missing(self, texts, sources)
        later = min((hop.since for hop in self.hops if hop.since is not None), default=None)
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
            "hops": [_say_hop(texts, hop) for hop in self.hops] + [_say_tie(texts, tie) for tie in self.ties],
            "checks": self._checks(refs, sources),
            "missing": missing,
        }
        warnings = [f"Part of the lineage is known only since {show(later)}, after the training."] if later else []
        return Answer("provenance", data, self.at, not missing, tuple(warnings))

    def _ends_of_hops(self) -> set[Urn]:
        return {urn for hop in self.hops for urn in (hop.near, hop.far)}

    def _checks(self, refs: Refs, sources: Mapping[Urn, Source]) -> list[Data]:
        """Returns the last run of each suite, by the time of training, over what values came from and what the data was made from."""
        stood_on = {dataset_of(urn) for urn in (*self.training.inputs, *self.training.behind)}
        read = {urn for urn, source in sources.items() if source.flow == "value"} | stood_on
        last: dict[tuple[str, str], Data] = {}
        for urn in sorted(with_checks(self.store, read)):
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


class Hop(NamedTuple):
    """An edge on the way back, as all sources together say it.

    Attributes:
        observed: Whether something that ran said so, by the time of training.
        since: When its sources first spoke, if that was after the training.
    """

    near: Urn
    far: Urn
    type: str
    subtype: str | None
    observed: bool
    since: Instant | None


@lru_cache(maxsize=65536)
def _ran(scope: Scope) -> bool:
    """Returns whether a scope holds what was seen to run."""
    return standing(scope) is Standing.INFERRED


def _hop(near: Urn, far: Urn, type_: str, strands: Sequence[Strand], bit: int) -> Hop:
    best = strands[0] if len(strands) == 1 else min(strands, key=lambda s: strength(s.exactness, s.scope, s.subtype))
    firsts = [strand.first for strand in strands if strand.late & bit and strand.first is not None]
    since = min(firsts, default=None) if all(strand.late & bit for strand in strands) else None
    ran = any(_ran(strand.scope) for strand in strands)
    return Hop(near, far, type_, best.subtype, ran and since is None, since)


def far_ends(net: Net[Key], hops: Mapping[Key, int], question: int) -> Callable[[Key], list[Key]]:
    """Returns what tells the far ends of a thing of a walk: those that stand on nothing further, itself if it is one.

    Things that stand on each other, such as two names of one column, count as one; of those the furthest is the end.
    """
    onward = {key: [far for far in net.beyond(key, question) if far in hops] for key in hops}
    listed: list[Key] = []
    ends: dict[Key, int] = {}
    for members in components(hops, onward):
        inside = set(members)
        beyond = {far for key in members for far in onward[key]} - inside
        here = sum_of_bits(ends[far] for far in beyond)
        if not beyond:
            furthest = max(hops[key] for key in members)
            for key in members:
                if hops[key] == furthest:
                    here |= 1 << len(listed)
                    listed.append(key)
        ends.update(dict.fromkeys(members, here))
    return lambda key: [listed[place] for place in bits(ends[key])]


def _say_sources(texts: Mapping[Urn, str], sources: Mapping[Urn, Source]) -> list[Data]:
    said = [node(texts, urn, flow=s.flow, hops=s.hops, terminal=s.terminal) for urn, s in sources.items()]
    return sorted(said, key=lambda s: (s["flow"] != "value", s["hops"], s["ref"]))


def _say_hop(texts: Mapping[Urn, str], hop: Hop) -> Data:
    return {
        "from": texts[hop.far],
        "to": texts[hop.near],
        "type": hop.type,
        "subtype": hop.subtype,
        "observed": hop.observed,
        "known": None if hop.since is None else f"declared, known only since {show(hop.since)}",
    }


def _say_tie(texts: Mapping[Urn, str], tie: tuple[Urn, Urn, str, str]) -> Data:
    near, far, type_, reason = tie
    said = {"from": texts[far], "to": texts[near], "type": type_, "subtype": None, "observed": True, "known": None}
    return {**said, "reason": reason}


def _missing(story: ModelStory, texts: Mapping[Urn, str], sources: Mapping[Urn, Source]) -> list[str]:
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


def _not_understood(story: ModelStory, sources: Mapping[Urn, Source]) -> list[str]:
    """Returns what readers did not understand about the data sets upstream, as of the training."""
    wanted = {str(urn) for urn in sources}
    about = {n.urn: n.properties for n in find_all(story.store, ["skipped"]) if _concerns(n.properties, wanted)}
    claims = story.store.claims(about.keys(), history=True)
    bit = 1 << story.question
    held = {loads(c.body)["node"] for c, mask in zip(claims, story.then.hold(claims), strict=True) if mask & bit}
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
    named = {f["name"]: f for f in story.features(refs.texts(story.columns.values()))}
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
