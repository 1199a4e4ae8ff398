"""Which terms and tags things bear: what is stated, what follows from lineage and by which way, what somebody denies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from catalog.answers import Answer, Data, node
from catalog.classification.label_rules import LabelRule
from catalog.classification.labels import Derived, Field, Spread, field_of, labelled, rules_of
from catalog.glossary.assignments import assigned, denied, merged
from catalog.links import Link
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.refs import Refs
from catalog.starting import start_keys
from catalog.store.port import Store

MOST: Final = 1_000
_SAID: Final = ("status", "confidence", "steward", "source", "by", "at", "note")
_BEARERS: Final = frozenset({"column", "feature", "metric"})


def labels_of(
    store: Store, refs: Refs, urns: Sequence[Urn], rules: Sequence[LabelRule] = (), as_of: Instant | None = None
) -> Answer:
    """Returns the labels of things, and of the columns and features that they hold, those without any left out.

    Args:
        rules: How far labels follow values; the built-in rule where none is given.
    """
    starts = sorted(start_keys(store, urns, table_only=False, as_of=as_of).values(), key=lambda u: (u.parts, u.kind))
    ground = field_of(store, starts, "upstream", as_of)
    found, warnings = rules_of(store, refs, rules, ground.labels())
    spread = Spread(ground, found)
    stated, gone = assigned(store, starts, "upstream", as_of), denied(store, starts, as_of)
    derived = {urn: spread.all_derived([urn]) for urn in starts}
    bearing = [u for u in starts if u in urns or stated.get(u) or gone.get(u) or derived[u]]
    texts = refs.texts(_named(bearing, stated, gone, derived))
    things = [_say_thing(texts, u, stated.get(u, []), derived[u], gone.get(u, set()), as_of) for u in bearing]
    return Answer(
        "glossary.labels", {"things": things, "labels": [], "total": len(things)}, as_of, True, tuple(warnings)
    )


def derived_of(
    store: Store, refs: Refs, urns: Collection[Urn], rules: Sequence[LabelRule] = (), as_of: Instant | None = None
) -> dict[Urn, list[Data]]:
    """Returns the labels that things bear by lineage."""
    bearers = [urn for urn in urns if urn.kind in _BEARERS]
    if not bearers:
        return {}
    ground = field_of(store, bearers, "upstream", as_of)
    found, _ = rules_of(store, refs, rules, ground.labels())
    spread = Spread(ground, found)
    derived = {urn: spread.all_derived([urn]) for urn in bearers}
    texts = refs.texts({u for some in derived.values() for one in some for u in (one.label, *one.path)})
    return {urn: [_say_derived(texts, one) for one in some] for urn, some in derived.items()}


def labels_everywhere(
    store: Store,
    refs: Refs,
    rules: Sequence[LabelRule] = (),
    labels: Collection[Urn] = (),
    limit: int = MOST,
    as_of: Instant | None = None,
) -> Answer:
    """Returns every label that follows from lineage, by thing, with how many things bear each.

    Args:
        labels: Only these; none for all.
        limit: Most things to list; the counts are of all.
    """
    ground = field_of(store, labelled(store, as_of), "downstream", as_of)
    found, warnings = rules_of(store, refs, rules, ground.labels())
    spread = Spread(ground, found)
    bearing = [u for u in spread.things() if not labels or spread.of(u).keys() & set(labels)]
    shown = {urn: spread.all_derived([urn], labels) for urn in bearing[:limit]}
    counts = spread.counts()
    wanted = sorted(label for label in ground.labels() if not labels or label in labels)
    texts = refs.texts({*_named(list(shown), {}, {}, shown), *wanted})
    data = {
        "things": [_say_thing(texts, urn, [], derived, set(), as_of) for urn, derived in shown.items()],
        "labels": [_say_label(texts, label, ground, spread, counts[label]) for label in wanted],
        "total": len(bearing),
    }
    cut = len(bearing) - len(shown)
    more = (f"{cut} more things are not listed.",) if cut else ()
    return Answer("glossary.labels", data, as_of, not cut, (*warnings, *more))


def _named(
    things: Collection[Urn],
    stated: Mapping[Urn, list[Link]],
    gone: Mapping[Urn, set[Urn]],
    derived: Mapping[Urn, list[Derived]],
) -> set[Urn]:
    ends = {link.end for urn in things for link in stated.get(urn, ())}
    ways = {urn for thing in things for one in derived.get(thing, ()) for urn in (one.label, *one.path)}
    return {*things, *ends, *ways, *(label for urn in things for label in gone.get(urn, ()))}


def _say_thing(
    texts: Mapping[Urn, str],
    urn: Urn,
    stated: Sequence[Link],
    derived: Sequence[Derived],
    gone: Collection[Urn],
    as_of: Instant | None,
) -> Data:
    said = [_say_stated(texts, link, as_of) for link in stated]
    return node(
        texts,
        urn,
        stated=sorted(said, key=lambda one: str(one["ref"])),
        derived=[_say_derived(texts, one) for one in derived],
        denied=sorted(texts[label] for label in gone),
    )


def _say_stated(texts: Mapping[Urn, str], link: Link, as_of: Instant | None) -> Data:
    known = merged(link, as_of)
    said = {key: known[key] for key in _SAID if key in known}
    return node(texts, link.end, **said, sources=sorted({s.claim.scope[0] for s in link.said if not s.denies}))


def _say_derived(texts: Mapping[Urn, str], one: Derived) -> Data:
    return node(
        texts,
        one.label,
        carried=one.carried,
        exactness=one.exactness,
        **{"from": texts[one.source]},
        via=texts[one.via],
        path=[texts[urn] for urn in one.path],
        hops=len(one.path) - 1,
    )


def _say_label(texts: Mapping[Urn, str], label: Urn, ground: Field, spread: Spread, derived: int) -> Data:
    rule = spread.rule(label)
    return node(
        texts,
        label,
        stops=sorted(rule.stops),
        rule=rule.text,
        stated=sum(label in labels for labels in ground.stated.values()),
        derived=derived,
    )
