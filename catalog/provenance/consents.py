"""Documents of consent registers as they were at a time, and whether they allow a purpose on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.identity import find_all
from catalog.model.canonical import loads
from catalog.model.names import Urn
from catalog.provenance.hindsight import Then
from catalog.store.port import Claim, Store

ACTIVE = ("active",)


@dataclass(frozen=True)
class Document:
    """One row of a register: what it said then, and the claims that say so, that it covers the data included."""

    urn: Urn
    said: Mapping[str, Any]
    claims: tuple[Claim, ...]
    covering: tuple[Claim, ...] = ()

    @property
    def name(self) -> str:
        return str(self.said.get("document") or self.urn.name)

    def validity_fault(self, day: str, active: tuple[str, ...] = ACTIVE) -> str | None:
        """Returns why it was not in force on a day; None if it was."""
        begins, ends = str(self.said.get("valid_from") or ""), str(self.said.get("valid_to") or "")
        if (status := self.said.get("status")) not in active:
            return f"its status is {status or 'not known'}"
        if begins and day < begins[:10]:
            return f"it begins on {begins[:10]}, after the training on {day}"
        if ends and day > ends[:10]:
            return f"it ended on {ends[:10]}, before the training on {day}"
        return None

    def fault(self, purpose: str, day: str, active: tuple[str, ...] = ACTIVE) -> str | None:
        """Returns why it does not allow a purpose on a day; None if it does."""
        purposes = self.said.get("purposes") or []
        missing = None if purpose in purposes else f"its purposes are {', '.join(purposes) or 'not known'}"
        return self.validity_fault(day, active) or missing


def consent_claims(store: Store) -> dict[Urn, list[Claim]]:
    """Returns all that was ever said of each document."""
    found: defaultdict[Urn, list[Claim]] = defaultdict(list)
    for claim in store.claims([n.urn for n in find_all(store, ["consent"])], history=True):
        found[Urn.parse(loads(claim.body)["node"])].append(claim)
    return dict(found)


def documents_of(
    store: Store, then: Then, claims: Mapping[Urn, list[Claim]], places: Iterable[Urn]
) -> dict[Urn, list[Document]]:
    """Returns the documents in force at a time by what they cover."""
    found: defaultdict[Urn, list[Document]] = defaultdict(list)
    for one in then.links(list(store.keys(list(places)).values()), ["COVERED_BY"]):
        held = [claim for claim in claims.get(one.link.end, ()) if then.holds(claim)]
        if held:
            said: dict[str, Any] = {}
            for claim in held:
                said |= loads(claim.body)["props"]
            covering = tuple(statement.claim for statement in one.link.said)
            found[one.link.start].append(Document(one.link.end, said, tuple(held), covering))
    return dict(found)
