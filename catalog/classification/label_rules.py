"""How far terms and tags follow values: rules as data, in the project file under `propagation`.

A rule names labels and the steps at which they stop. The first that names a label, or a broader term of it, counts; then the
first that names none; then the built-in one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

Step = Literal["identity", "transformation", "aggregation", "conditional", "masking"]
"""What happens to a value on an edge. Masking comes besides one of the others."""


class LabelRule(BaseModel):
    """At which steps some labels stop."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    labels: tuple[str, ...] = Field(
        default=(),
        description="Refs of terms and tags; narrower terms are meant too. None: all that no other rule names.",
    )
    stops: tuple[Step, ...] = Field(description="identity, transformation, aggregation, conditional, masking.")
    text: str = Field(default="", description="Why, for people.")


BUILT_IN: Final = LabelRule(
    stops=("masking", "aggregation", "conditional"),
    text="a label follows a value that is copied or transformed; not one that is masked, summed up or only chosen by",
)

CARRIED: Final[Mapping[str, str]] = {"identity": "full"}
"""How a label arrives by a step; by any other that does not stop it, as `derived`."""


def stops(rule: LabelRule, step: str, *, masking: bool) -> bool:
    """Whether a label of the rule ends at an edge."""
    return step in rule.stops or (masking and "masking" in rule.stops)
