"""One thing with everything that is said about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from catalog.answers import Answer, Data, camel, closed_warnings, held, node
from catalog.classification.label_rules import LabelRule
from catalog.classification.labelling import derived_of
from catalog.glossary.assignments import merged
from catalog.graph import columns_in, columns_of
from catalog.identity import owners_of
from catalog.links import Link, Statement, link_all
from catalog.model.canonical import loads
from catalog.model.facts import write_scope
from catalog.model.instants import Instant
from catalog.model.instants import show as show_time
from catalog.model.names import Urn, dataset_of
from catalog.model.nodes import node_class
from catalog.refs import Refs
from catalog.store.port import Claim, Direction, NodeState, Store


class _Section(NamedTuple):
    """A list of the answer: what is tied to the thing by an edge type, seen along a direction."""

    name: str
    type: str
    direction: Direction
    properties: tuple[str, ...]


_SECTIONS: Final = (
    _Section("owners", "OWNED_BY", "upstream", ("role",)),
    _Section(
        "terms", "MEANS", "upstream", ("status", "confidence", "steward", "source", "by", "at", "note", "expression")
    ),
    _Section("broader", "BROADER", "upstream", ("subtype", "status")),
    _Section("narrower", "BROADER", "downstream", ("subtype", "status")),
    _Section("related", "RELATED", "upstream", ("subtype", "status")),
    _Section("meantBy", "MEANS", "downstream", ("status", "confidence", "steward", "source", "by", "at", "note")),
    _Section("tags", "TAGGED", "upstream", ("value",)),
    _Section("partOf", "PART_OF", "upstream", ()),
    _Section("coveredBy", "COVERED_BY", "upstream", ()),
    _Section("versions", "VERSION_OF", "downstream", ()),
    _Section("aliases", "ALIAS_OF", "upstream", ("subtype",)),
)
_OF_VERSIONS: Final = ("created_at", "digest", "algorithm", "strength", "byte_size", "row_count", "status", "aliases")
_OF_COLUMNS: Final = ("data_type", "nullable", "description", "constraints")


def show(
    store: Store,
    refs: Refs,
    urn: Urn,
    as_of: Instant | None = None,
    *,
    history: bool = False,
    rules: Sequence[LabelRule] = (),
) -> Answer:
    """Returns a node with its claims, columns, owners, terms, versions and checks.

    Args:
        urn: Known to the catalog.
        history: Claims that have ended are listed too, as they are of a thing that is closed.
        rules: How far labels follow values.
    """
    state = store.get([urn], as_of)[urn]
    ties = {section: _ties(store, urn, section, as_of) for section in _SECTIONS}
    columns = _columns(store, urn, state, as_of)
    far = [_far(link, section) for section, links in ties.items() for link in links]
    texts = refs.texts([urn, *columns, *far])
    states = store.get([*columns, *far], as_of)
    data: Data = {"node": _say_node(texts, urn, state)}
    ended = history or state.closed_since is not None
    data["claims"] = [_say_claim(c, as_of) for c in store.claims([urn], as_of, ended)]
    data["columns"] = [node(texts, c, **_picked(states[c], _OF_COLUMNS)) for c in columns]
    for section, links in ties.items():
        told = (_say_tie(texts, states, one, section, as_of) for link in links for one in _by_subtype(link))
        data[section.name] = sorted(told, key=_by_ref)
    data["derived"] = derived_of(store, refs, [urn], rules, as_of).get(urn, [])
    data["checks"] = suites_of(store, refs, urn, as_of)
    return Answer("show", data, as_of, warnings=tuple(closed_warnings(texts, {urn: state})))


def _say_node(texts: Mapping[Urn, str], urn: Urn, state: NodeState) -> Data:
    closed = state.closed_since
    return node(
        texts,
        urn,
        plane=node_class(urn).plane,
        properties={camel(key): value for key, value in sorted(state.properties.items())},
        implied=state.implied,
        closedSince=None if closed is None else show_time(closed),
    )


def _say_claim(claim: Claim, as_of: Instant | None) -> Data:
    return {
        "source": claim.scope[0],
        "scope": write_scope(claim.scope),
        "origin": claim.origin,
        **held(claim, as_of),
        "properties": {camel(key): value for key, value in sorted(loads(claim.body)["props"].items())},
    }


def _columns(store: Store, urn: Urn, state: NodeState, as_of: Instant | None) -> list[Urn]:
    """Returns the columns in the order of the list in force, then by name."""
    if urn.kind != "dataset":
        return []
    listed: list[str] = state.properties.get("columns") or []
    order = {path: i for i, path in enumerate(listed)}
    return sorted(columns_in(store, [urn], as_of), key=lambda c: (order.get(c.parts[2], len(order)), c.parts[2]))


def _ties(store: Store, urn: Urn, section: _Section, as_of: Instant | None) -> list[Link]:
    return link_all(store, store.keys([urn]).values(), [section.type], section.direction, as_of)


def _far(link: Link, section: _Section) -> Urn:
    return link.end if section.direction == "upstream" else link.start


def _by_subtype(link: Link) -> Iterator[Link]:
    """Yields the different things that sources say of two ends: synonym_of is another than see_also."""
    groups: defaultdict[str, list[Statement]] = defaultdict(list)
    for said in link.said:
        if not said.denies:
            groups[str(said.properties.get("subtype", ""))].append(said)
    for _, some in sorted(groups.items()):
        yield Link(link.start, link.end, link.type, tuple(some))


def _say_tie(
    texts: Mapping[Urn, str],
    states: Mapping[Urn, NodeState],
    link: Link,
    section: _Section,
    as_of: Instant | None,
) -> Data:
    far = _far(link, section)
    known = merged(link, as_of)
    said = {camel(key): known[key] for key in section.properties if key in known}
    more = _picked(states[far], _OF_VERSIONS) if section.name == "versions" else {}
    return node(texts, far, **said, **more, sources=sorted({s.claim.scope[0] for s in link.said if not s.denies}))


def _picked(state: NodeState, names: Iterable[str]) -> Data:
    return {camel(name): state.properties[name] for name in names if name in state.properties}


def _by_ref(item: Data) -> str:
    return str(item["ref"])


# --- checks -----------------------------------------------------------------------------------------------------------


def suites_of(store: Store, refs: Refs, urn: Urn, as_of: Instant | None = None) -> list[Data]:
    """Returns one entry for each run of a suite over a thing: it succeeded if every check did, and `failed` names the others.

    A result outside any suite stands for itself.
    """
    results = _results(store, urn, as_of)
    texts = refs.texts(results.values())
    states = store.get([*results, *results.values()], as_of)
    groups: defaultdict[tuple[str, str], list[Urn]] = defaultdict(list)
    for result, check in results.items():
        groups[str(states[result].properties.get("suite") or texts[check]), result.parts[2]].append(result)
    said = [_say_suite(suite, group, results, states, texts) for (suite, _), group in groups.items()]
    return sorted(said, key=lambda s: (s["at"] or "", s["check"], s["run"]))


def _say_suite(
    suite: str, group: list[Urn], checks: Mapping[Urn, Urn], states: Mapping[Urn, NodeState], texts: Mapping[Urn, str]
) -> Data:
    said = {result: states[result].properties for result in group}
    whole = [result for result in group if checks[result].name == suite]
    bad = [result for result in group if said[result].get("success") is False]
    judged = [one for one in said.values() if one.get("success") is not None]
    named = [text for result in whole for text in said[result].get("failed") or ()]
    some = said[group[0]]
    return {
        "check": texts[checks[(whole or group)[0]]] if whole or len(group) == 1 else suite,
        "suite": some.get("suite"),
        "run": some.get("run_name") or group[0].parts[2],
        "at": min((one["at"] for one in said.values() if one.get("at")), default=None),
        "success": not bad if judged else None,
        "status": "fail" if bad else "pass" if judged else None,
        "failed": named or sorted(_what(states[checks[r]], texts[checks[r]]) for r in bad if r not in whole),
    }


def _what(check: NodeState, ref: str) -> str:
    """Returns a check as `type column`, or by its name where its type is not known."""
    said = check.properties
    return " ".join(str(said[key]) for key in ("type", "column") if key in said) or ref


def with_checks(store: Store, things: Collection[Urn]) -> set[Urn]:
    """Returns the data sets about which, or about a column or version of which, a check may have said something.

    Args:
        things: Data sets, and columns, of which the data set is returned if a check looked at that very column.
    """
    if not store.find(["checkresult"], limit=1).nodes:
        return set()
    keys = store.keys(things)
    datasets = {key: urn for urn, key in keys.items() if urn.kind == "dataset"}
    about = {key: dataset_of(urn) for urn, key in keys.items()}
    columns = columns_of(store, datasets)
    about |= {column: datasets[owner] for column, owner in owners_of(store, columns).items()} if columns else {}
    about |= {hop.far: datasets[hop.near] for hop in store.step(list(datasets), ["VERSION_OF"], "downstream")}
    hits = store.step(list(about), ["CHECKS", "EVALUATED_ON"], "downstream")
    return {about[hop.near] for hop in hits}


def checks_of(store: Store, refs: Refs, urn: Urn, as_of: Instant | None = None) -> list[Data]:
    """Returns the results of checks about a thing, its columns and its versions, in order of time."""
    results = _results(store, urn, as_of)
    return _say_checks(store, refs.texts(results.values()), results, as_of)


def _results(store: Store, urn: Urn, as_of: Instant | None) -> dict[Urn, Urn]:
    """Returns the results of checks about a thing, each with its check: of a data set those of its columns too."""
    about = {urn, dataset_of(urn)} if urn.kind == "datasetversion" else {urn}
    if urn.kind == "dataset":
        about |= set(columns_in(store, [urn], as_of))
        about |= {
            link.start for link in link_all(store, store.keys([urn]).values(), ["VERSION_OF"], "downstream", as_of)
        }
    keys = store.keys(about).values()
    found = {link.start for link in link_all(store, keys, ["EVALUATED_ON"], "downstream", as_of)}
    checks = {link.start for link in link_all(store, keys, ["CHECKS"], "downstream", as_of)}
    found |= {link.start for link in link_all(store, store.keys(checks).values(), ["RESULT_OF"], "downstream", as_of)}
    results = [result for result in sorted(found) if result.kind == "checkresult"]
    of = {
        link.start: link.end for link in link_all(store, store.keys(results).values(), ["RESULT_OF"], "upstream", as_of)
    }
    return {result: of.get(result, result) for result in results}


def _say_checks(
    store: Store, texts: Mapping[Urn, str], results: Mapping[Urn, Urn], as_of: Instant | None
) -> list[Data]:
    states = store.get(list(results), as_of)
    said = []
    for result, check in results.items():
        found: Mapping[str, Any] = states[result].properties
        said.append(
            {
                "check": texts[check],
                "suite": found.get("suite"),
                "run": found.get("run_name") or result.parts[2],
                "at": found.get("at"),
                "success": found.get("success"),
                "status": found.get("status"),
                "failed": list(found.get("failed") or ()),
            }
        )
    return sorted(said, key=lambda c: (c["at"] or "", c["check"], c["run"]))
