"""Consent for purpose: each source whose values reach a feature or the target needs a document that allows the model's purpose.

A document counts if it was active on the day of training, and valid then. What the register names answers for what is loaded
into it: behind it no document is asked for. A seed is kept with the code of a project and is no source. A column's own
documents go before those of its data set.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePath
from typing import Any

from catalog.answers import listed
from catalog.model.canonical import loads
from catalog.model.names import Urn
from catalog.policies import Rule
from catalog.provenance.consents import ACTIVE, Document, consent_claims
from catalog.provenance.grounds import bits
from catalog.provenance.hindsight import sum_of_bits
from catalog.rules.judging import Estate, Ground, Judgement, said, violated
from catalog.store.port import Claim, Key


def judge(estate: Estate, rule: Rule) -> Iterator[Judgement]:
    """Yields what the rule says about every model version that it is about."""
    case = _Case(estate, rule)
    _, exempt = estate.exempt(rule)
    for ground in estate.grounds_of(rule):
        if ground.version in exempt:
            yield said(rule, ground, "passed", exempt[ground.version])
        elif doubt := case.doubt(ground):
            yield said(rule, ground, "unknown", doubt)
        else:
            yield from case.judge(ground)


@dataclass(frozen=True)
class _Held:
    """A document as some model versions have it: `versions` are those for which it covers a place and says this."""

    document: Document
    versions: int


class _Register:
    """The documents of the register that a rule names, or of all registers."""

    def __init__(self, estate: Estate, rule: Rule) -> None:
        self._then = estate.lineages.then
        wanted = {PurePath(name).name for name in rule.listed("register")}
        self._claims: dict[Urn, list[Claim]] = {}
        for urn, claims in consent_claims(estate.store).items():
            kept = [c for c in claims if not wanted or urn.namespace in wanted or _file(c) in wanted]
            if kept:
                self._claims[urn] = kept
        keys = {key: urn for urn, key in estate.store.keys(self._claims).items()}
        self.covering: defaultdict[Key, list[_Held]] = defaultdict(list)
        """Documents by what they cover."""
        for strand in self._then.strands(list(keys), ["COVERED_BY"], "downstream"):
            for consent, place in zip(strand.near, strand.far, strict=True):
                self.covering[place] += self._documents(keys[consent], strand.held)

    @property
    def is_known(self) -> bool:
        return bool(self._claims)

    def _documents(self, urn: Urn, covered: int) -> Iterator[_Held]:
        """Yields a document as it was known at the trainings of these versions: once for all that know the same of it."""
        claims = self._claims[urn]
        for versions, held in _partition(covered, claims, self._then.hold(claims)):
            props: dict[str, Any] = {}
            for claim in held:
                props |= loads(claim.body)["props"]
            if held:
                yield _Held(Document(urn, props, held), versions)


def _partition(every: int, claims: Sequence[Claim], masks: Sequence[int]) -> Iterator[tuple[int, tuple[Claim, ...]]]:
    parts: list[tuple[int, tuple[Claim, ...]]] = [(every, ())]
    for claim, mask in zip(claims, masks, strict=True):
        parts = [
            part
            for versions, held in parts
            for part in ((versions & mask, (*held, claim)), (versions & ~mask, held))
            if part[0]
        ]
    yield from parts


def _file(claim: Claim) -> str:
    path = (claim.origin or "").rpartition(":")[0] or claim.origin or ""
    return PurePath(path.removesuffix(".gz")).name


class _Case:
    """A register before a rule, for all model versions at once."""

    def __init__(self, estate: Estate, rule: Rule) -> None:
        self._estate, self._rule = estate, rule
        self._ignored, self._active = rule.words("ignore_status"), rule.words("active_status") or ACTIVE
        self._lineage = lineage = estate.lineage(rule.lineage)
        self._register = _Register(estate, rule)
        self._names = estate.lineages.datasets
        through, _ = estate.exempt(rule)
        self._stops = dict.fromkeys(lineage.places_of(through), estate.lineages.everything)
        self._purposes: defaultdict[str, int] = defaultdict(int)
        for ground in estate.grounds:
            for purpose in ground.terms.purposes if ground.terms else ():
                self._purposes[purpose] |= ground.bit
        self._judge_places()

    def _judge_places(self) -> None:
        """Works out the places of which the documents do not allow the use, and the sources that have none."""
        lineage, covering = self._lineage, self._register.covering
        wrong: dict[Key, dict[Key, int]] = {}
        bare: dict[Key, dict[Key, int]] = {}
        shields = dict(self._stops)
        self._covered: dict[Key, int] = {}
        seeds = self._seeds(covering)
        for dataset, stands in lineage.sets.items():
            whole, refused = self._covers(covering.get(dataset, ())), self._refused(covering.get(dataset, ()))
            terminal = 0 if dataset in seeds else lineage.terminals.get(dataset, 0)
            for place in lineage.places(dataset):
                own = self._covers(covering.get(place, ())) if place != dataset else 0
                faults = (self._refused(covering[place]) if own else 0) | (refused & ~own)
                if own | whole:
                    self._covered[dataset] = self._covered.get(dataset, 0) | ((own | whole) & stands)
                    shields[place] = shields.get(place, 0) | own | whole
                if faults and place not in self._stops:
                    wrong.setdefault(dataset, {})[place] = faults
                if terminal & ~(own | whole) and place not in self._stops:
                    bare.setdefault(dataset, {})[place] = terminal & ~(own | whole)
        self._wrong, self._bare, self._shields = wrong, bare, shields
        self._reached = lineage.causes(wrong, self._stops)
        self._open_ends = lineage.causes(bare, shields)

    def _covers(self, documents: Iterable[_Held]) -> int:
        return sum_of_bits(held.versions for held in documents)

    def _refused(self, documents: Sequence[_Held]) -> int:
        """Returns the versions of which no document allows a purpose, those left out that need none."""
        needed = self._covers(documents)
        needed &= ~sum_of_bits(h.versions for h in documents if h.document.said.get("status") in self._ignored)
        found = 0
        for purpose, users in self._purposes.items() if needed else ():
            allowed = sum_of_bits(self._allowed(held, purpose) for held in documents)
            found |= needed & users & ~allowed
        return found

    def _allowed(self, held: _Held, purpose: str) -> int:
        """Returns the versions to which a document allows a purpose on the day of their training."""
        said = held.document.said
        if said.get("status") not in self._active or purpose not in (said.get("purposes") or ()):
            return 0
        begins, ends = str(said.get("valid_from") or "")[:10], str(said.get("valid_to") or "")[:10]
        if not begins and not ends:
            return held.versions
        return held.versions & sum_of_bits(
            mask for day, mask in self._days.items() if (not begins or day >= begins) and (not ends or day <= ends)
        )

    @cached_property
    def _days(self) -> dict[str, int]:
        found: defaultdict[str, int] = defaultdict(int)
        for ground in self._estate.grounds:
            if ground.then is not None:
                found[ground.then] |= ground.bit
        return dict(found)

    def _seeds(self, covering: Mapping[Key, Sequence[_Held]]) -> set[Key]:
        """Returns the sources that are kept with the code of a project, of those that have no document as a whole."""
        bare = [key for key, mask in self._lineage.terminals.items() if mask & ~self._covers(covering.get(key, ()))]
        states = self._estate.store.get([self._names[key] for key in bare])
        seeds = {urn for urn, state in states.items() if state.properties.get("type") == "seed"}
        return set(self._estate.store.keys(seeds).values())

    # --- one model version

    def doubt(self, ground: Ground) -> str:
        """Returns why nothing can be said of a version at all."""
        if not ground.terms or not ground.terms.purposes:
            return "no purpose is known for the model"
        if ground.then is None:
            return "it is not known when it was trained"
        known = self._register.is_known
        return "" if known else f"the register {listed(self._rule.listed('register'))} is not in the catalog"

    def judge(self, ground: Ground) -> Iterator[Judgement]:
        used = f"used for {' and '.join(ground.terms.purposes if ground.terms else ())}"
        reached = self._causes(self._reached, ground)
        for cause in reached:
            yield self._violation(ground, cause, used)
        open_ends = self._causes(self._open_ends, ground)
        for cause in open_ends:
            way = self._lineage.way(ground.question, self._places(self._bare[cause], ground), self._shields)
            why = f"{used}: no document of the register covers it"
            yield violated(self._rule, ground, self._names[cause], way, why)
        if not reached and not open_ends:
            yield self._rest(ground, used)

    def _causes(self, causes: Mapping[Key, int], ground: Ground) -> list[Key]:
        return sorted((key for key, mask in causes.items() if mask & ground.bit), key=lambda key: self._names[key])

    def _places(self, places: Mapping[Key, int], ground: Ground) -> list[Key]:
        return [place for place, mask in places.items() if mask & ground.bit]

    def _violation(self, ground: Ground, cause: Key, used: str) -> Judgement:
        places = self._places(self._wrong[cause], ground)
        flow = self._lineage.reached(self._stops)
        reaching = [place for place in places if flow.get(place, 0) & ground.bit]
        covering = {self._lineage.name(k): self._register.covering.get(k, []) for k in (cause, *reaching)}
        faults = {u: why for u in sorted(covering) if (why := self._fault(covering[u], ground))}
        documents = [held.document for urn in faults for held in covering[urn] if held.versions & ground.bit]
        way = self._lineage.way(ground.question, places, self._stops)
        names = tuple(dict.fromkeys(document.name for document in documents))
        why = f"{used}: {'; '.join(dict.fromkeys(faults.values()))}"
        claims = tuple(claim for document in documents for claim in document.claims)
        return violated(self._rule, ground, self._names[cause], way, why, names, claims)

    def _fault(self, documents: Sequence[_Held], ground: Ground) -> str:
        """Returns why none of the documents allows the use, document by document; empty if it is allowed or needs none."""
        own = [held for held in documents if held.versions & ground.bit]
        if not self._refused(own) & ground.bit:
            return ""
        purposes = ground.terms.purposes if ground.terms else ()
        for purpose in purposes:
            faults = {h.document.name: h.document.fault(purpose, ground.then or "", self._active) for h in own}
            if None not in faults.values():
                return ", ".join(f"{name}: {why}" for name, why in faults.items())
        return ""

    def _rest(self, ground: Ground, used: str) -> Judgement:
        gaps = ground.gaps(self._rule.lineage) + [
            f"values of {urn.name} may reach it: which columns are read on the way is not known"
            for urn in self._perhaps.get(ground.question, ())
        ]
        if gaps:
            return said(self._rule, ground, "unknown", listed(gaps))
        count = sum(1 for mask in self._covered.values() if mask & ground.bit)
        why = f"{used}: allowed for each of its {count} registered sources on {ground.then}"
        return said(self._rule, ground, "passed", why)

    @cached_property
    def _perhaps(self) -> dict[int, list[Urn]]:
        """Data that may reach versions, and whose documents refuse it or that has none."""
        covering, lineage = self._register.covering, self._lineage
        tables = self._estate.lineages.tabled
        refused = {key: self._refused(covering[key]) for key in tables if key in covering}
        ends = lineage.table_ends
        bare = {key: ends.get(key, 0) & ~self._covers(covering.get(key, ())) for key in tables}
        shields = {key: self._covers(covering[key]) for key in tables if key in covering} | {
            key: mask for key, mask in self._stops.items() if key in tables
        }
        found: defaultdict[int, list[Urn]] = defaultdict(list)
        for key, mask in lineage.perhaps(list(tables), shields).items():
            for question in bits(mask & (refused.get(key, 0) | bare.get(key, 0))):
                found[question].append(self._names[key])
        return found
