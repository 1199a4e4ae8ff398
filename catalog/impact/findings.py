"""What a change does to things: the effects by weight, and the one finding that is kept of each thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from catalog.model.names import Urn

Effect = Literal["breaks", "value_changes", "rows_change", "passes_through"]
EFFECTS: Final[tuple[Effect, ...]] = ("breaks", "value_changes", "rows_change", "passes_through")
"""From gravest to lightest."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What happens to one thing, and why: `why` has a `{}` where the name of `near` goes."""

    urn: Urn
    effect: Effect
    hops: int
    why: str
    near: Urn | None = None

    def weight(self) -> tuple[int, int, str, str]:
        return (EFFECTS.index(self.effect), self.hops, str(self.near), self.why)

    def told(self, texts: Mapping[Urn, str]) -> str:
        return self.why.replace("{}", texts[self.near]) if self.near is not None else self.why


class Findings:
    """The gravest finding of each thing."""

    def __init__(self) -> None:
        self._found: dict[Urn, Finding] = {}

    def add(self, finding: Finding) -> None:
        known = self._found.get(finding.urn)
        if known is None or finding.weight() < known.weight():
            self._found[finding.urn] = finding

    def update(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self.add(finding)

    def get(self, urn: Urn) -> Finding | None:
        return self._found.get(urn)

    def __iter__(self) -> Iterator[Finding]:
        return iter(list(self._found.values()))

    def __len__(self) -> int:
        return len(self._found)

    def of(self, kind: str, effects: Iterable[Effect] = EFFECTS) -> dict[Urn, Finding]:
        """Returns the findings about things of a kind with any of these effects."""
        wanted = set(effects)
        return {urn: f for urn, f in self._found.items() if urn.kind == kind and f.effect in wanted}
