"""What a term or an assignment of one can be, and which moves between are legal. Who may make a move is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from catalog.model.errors import UsageError

STATUSES: Final = ("draft", "proposed", "approved", "deprecated")

MOVES: Final[Mapping[str, tuple[str, ...]]] = {
    "": STATUSES,
    "draft": ("proposed", "deprecated"),
    "proposed": ("approved", "draft", "deprecated"),
    "approved": ("deprecated", "draft"),
    "deprecated": ("draft",),
}
"""From a status to those that may follow it. The empty one is that of what has none yet, or a word of another tool."""

VERBS: Final[Mapping[str, str]] = {
    "propose": "proposed",
    "approve": "approved",
    "deprecate": "deprecated",
    "revise": "draft",
}
"""What people do, and the status that comes of it."""


def check_status(status: str) -> str:
    """Returns a status as it is.

    Raises:
        UsageError: it is none.
    """
    if status not in STATUSES:
        raise UsageError(f"{status!r} is no status: expected one of {', '.join(STATUSES)}. Write one of them.")
    return status


def check_move(what: str, before: str | None, after: str) -> None:
    """Refuses what does not follow.

    Args:
        what: The thing that moves, for the message.

    Raises:
        UsageError: `after` is no status, or none that may follow `before`.
    """
    check_status(after)
    known = before if before in STATUSES else ""
    if after not in MOVES[known]:
        choices = " or ".join(MOVES[known])
        raise UsageError(
            f"{what}: {known!r} cannot become {after!r}: expected {choices}. Make it {MOVES[known][0]!r} first."
        )
