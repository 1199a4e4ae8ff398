"""What a proposed change would break, before it is made."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from catalog.answers import Answer, Data, label, listed, node
from catalog.identity import find_all
from catalog.impact.changes import Change
from catalog.impact.consequences import Consequences, contracts_of
from catalog.impact.findings import EFFECTS, Finding, Findings
from catalog.links import link_all
from catalog.model.instants import Instant
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs
from catalog.starting import lift
from catalog.store.port import Store

NO_IMPACT = "no_impact"


def impact(store: Store, refs: Refs, changes: Sequence[Change], as_of: Instant | None = None) -> Answer:
    """Returns what changes would do, gravest first; of several changes each thing shows the gravest effect.

    `lowerBound` is true where something on the way was not understood: there may be more.
    """
    findings, absent = Findings(), set[Urn]()
    for change in changes:
        spread = Consequences(store, change, as_of)
        spread.find()
        findings.update(spread.findings)
        absent |= spread.absent
    told: list[Data] = [{"change": c.text, "ref": c.urn, "kind": c.kind, "to": c.to} for c in changes]
    return report(store, refs, findings, told, {change.dataset for change in changes}, absent, as_of)


def report(
    store: Store,
    refs: Refs,
    findings: Findings,
    changes: Sequence[Data],
    start: Collection[Urn] = (),
    absent: Collection[Urn] = (),
    as_of: Instant | None = None,
) -> Answer:
    """Returns findings with owners and contracts, and what was not understood on the way.

    Args:
        changes: What was asked, as the answer says it, but for `ref`: a urn.
        start: The data sets that are changed.
        absent: Columns that edges claim and the list in force lacks.
    """
    owners, contracts = _owners(store, findings, as_of), _contracts(store, findings, as_of)
    known = [u for f in findings for u in (f.urn, f.near) if u is not None]
    texts = refs.texts(
        [*known, *absent, *(c["ref"] for c in changes), *contracts.values(), *(o for s in owners.values() for o in s)]
    )
    reasons = _reasons(store, {lift(f.urn) for f in findings}.union(start), as_of)
    if absent:
        reasons.append(
            f"{listed(sorted(texts[u] for u in absent))}: claimed by an edge, but not on the list of columns in force"
        )
    said = [_say(texts, f, owners, contracts) for f in findings]
    data: Data = {
        "verdict": _verdict(findings),
        "changes": [{**change, "ref": texts[change["ref"]]} for change in changes],
        "findings": sorted(said, key=lambda f: (EFFECTS.index(f["effect"]), f["hops"], f["ref"])),
        "counts": _counts(findings),
        "lowerBound": bool(reasons),
        "reasons": reasons,
    }
    warnings = tuple(f"This is a lower bound: {reason}." for reason in reasons)
    return Answer("impact", data, as_of, not reasons, warnings)


def _verdict(findings: Iterable[Finding]) -> str:
    return min((f.effect for f in findings), key=EFFECTS.index, default=NO_IMPACT)


def _counts(findings: Iterable[Finding]) -> Data:
    """Returns how many findings there are by kind, and of each by effect."""
    counted = Counter((label(f.urn), f.effect) for f in findings)
    kinds = sorted({kind for kind, _ in counted})
    return {kind: {effect: counted[kind, effect] for effect in EFFECTS if counted[kind, effect]} for kind in kinds}


def _say(
    texts: Mapping[Urn, str], found: Finding, owners: Mapping[Urn, set[Urn]], contracts: Mapping[Urn, Urn]
) -> Data:
    contract = contracts.get(found.urn)
    return node(
        texts,
        found.urn,
        effect=found.effect,
        hops=found.hops,
        why=found.told(texts),
        owners=sorted(texts[owner] for owner in owners.get(found.urn, ())),
        contract=None if contract is None else texts[contract],
    )


def _owners(store: Store, findings: Findings, as_of: Instant | None) -> dict[Urn, set[Urn]]:
    """Returns who answers for each thing; for a column or feature also who answers for what it is part of."""
    parts: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for found in findings:
        parts[found.urn].add(found.urn)
        parts[lift(found.urn)].add(found.urn)
    owned: defaultdict[Urn, set[Urn]] = defaultdict(set)
    for link in link_all(store, store.keys(parts.keys()).values(), ["OWNED_BY"], "upstream", as_of):
        for urn in parts[link.start]:
            owned[urn].add(link.end)
    return owned


def _contracts(store: Store, findings: Findings, as_of: Instant | None) -> dict[Urn, Urn]:
    things = [f.urn for f in findings if f.urn.kind in ("dataset", "column")]
    known = store.keys({dataset_of(urn) for urn in things})
    contracts = contracts_of(store, known.keys(), as_of)
    return {urn: contracts[dataset_of(urn)] for urn in things if dataset_of(urn) in contracts}


def _reasons(store: Store, reached: Collection[Urn], as_of: Instant | None) -> list[str]:
    """Returns what was not understood about the things that a change reaches."""
    wanted = {str(urn) for urn in reached}
    skipped = [n.urn for n in find_all(store, ["skipped"])]
    found: set[str] = set()
    for state in store.get(skipped, as_of).values():
        subjects = state.properties.get("subjects") or ()
        if any(_dataset_text(text) in wanted for text in subjects):
            said = state.properties
            found.add(
                f"{said.get('place') or state.urn.namespace}: {said.get('message') or said.get('code')}".rstrip(".")
            )
    return sorted(found)


def _dataset_text(text: str) -> str:
    return str(lift(Urn.parse(text)))
