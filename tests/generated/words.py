"""Names for generated estates: ordinary ones, and a few that are hard to read."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Final

_THINGS: Final = (
    "parcel depot route driver vehicle harbour crane berth cargo pallet seal customs tariff voyage crew".split()
)
_TRAITS: Final = "weight volume origin score rate count label status grade speed delay charge level zone class".split()


@dataclass
class Names:
    """Draws names that differ from all drawn before."""

    draw: random.Random

    def __post_init__(self) -> None:
        self._taken: set[str] = set()

    def word(self) -> str:
        """Returns two words joined by an underscore."""
        while True:
            name = f"{self.draw.choice(_THINGS)}_{self.draw.choice(_TRAITS)}{self.draw.choice(['', '', '_2', '_eu', '_id'])}"
            if name not in self._taken:
                self._taken.add(name)
                return name

    def words(self, count: int) -> list[str]:
        return [self.word() for _ in range(count)]
