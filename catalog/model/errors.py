"""The error tree: everything of ours that a user may see as text.

A message says where, what is wrong with the value in quotes, what was expected, and what to do. `code` is stable and has
a heading in `docs/errors.md`; `exit_code` is what the command line ends with; `transient` says whether a retry can help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar


class CatalogError(Exception):
    """The root. Anything else that escapes is a fault of ours and is masked before it reaches a user."""

    code: ClassVar[str] = "CATALOG_ERROR"
    exit_code: ClassVar[int] = 70
    transient: ClassVar[bool] = False


class UsageError(CatalogError):
    """A command, option, configuration or question is not well formed."""

    code = "USAGE"
    exit_code = 2


class InvalidTimeError(UsageError):
    """A text is no time."""

    code = "INVALID_TIME"

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__(
            f"{text!r} is no time: expected ISO 8601 such as 2026-03-31, 2026-03-31T08:00:00Z or "
            "2026-03-31T08:00:00+02:00. Write it in one of these forms."
        )


class InvalidNameError(UsageError):
    """A text is no URN or reference."""

    code = "INVALID_NAME"

    def __init__(self, text: str, expected: str) -> None:
        self.text, self.expected = text, expected
        super().__init__(f"{text!r} is no name of a thing: expected {expected}.")


class TooCostlyError(UsageError):
    """A query asks for more than one request may: too deep, too many names, too much work."""

    code = "TOO_COSTLY"


class ForbiddenError(UsageError):
    """The caller may not do this here."""

    code = "FORBIDDEN"


class ConflictError(UsageError):
    """What is to be changed is not the caller's to change, or is said by someone of equal standing."""

    code = "CONFLICT"


class DeadlineError(CatalogError):
    """An answer took longer than a request may."""

    code = "DEADLINE"
    transient = True


class BusyError(CatalogError):
    """More is asked at once than the server takes."""

    code = "BUSY"
    transient = True


class ConfigError(UsageError):
    """The project file or an environment variable is missing or wrong."""

    code = "CONFIG"


class NotFoundError(CatalogError):
    """Something asked for by name is not in the catalog."""

    code = "NOT_FOUND"
    exit_code = 4

    def __init__(self, refs: Sequence[str], nearest: Sequence[str] = ()) -> None:
        self.refs, self.nearest = tuple(refs), tuple(nearest)
        hint = f" Did you mean {', '.join(self.nearest)}?" if self.nearest else " `headwater search` finds names."
        names = ", ".join(repr(ref) for ref in self.refs)
        super().__init__(f"{names}: nothing of that name is in the catalog.{hint}")


class AmbiguousNameError(CatalogError):
    """A short name fits several things."""

    code = "AMBIGUOUS_NAME"
    exit_code = 4

    def __init__(self, ref: str, candidates: Sequence[str]) -> None:
        self.ref, self.candidates = ref, tuple(candidates)
        shown = ", ".join(self.candidates[:10]) + (" and more" if len(self.candidates) > 10 else "")
        super().__init__(f"{ref!r} fits {len(self.candidates)} things: {shown}. Write the one that is meant in full.")


class SourceError(CatalogError):
    """An input as a whole could not be read. One bad record is a `Skipped`, not an error."""

    code = "SOURCE"
    exit_code = 3

    def __init__(self, place: str, problem: str, remedy: str) -> None:
        self.place, self.problem, self.remedy = place, problem, remedy
        super().__init__(f"{place}: {problem}. {remedy}")


class LimitError(SourceError):
    """An input is larger, deeper or slower than the limits allow."""

    code = "LIMIT"


class StoreError(CatalogError):
    """The store refused or failed."""

    code = "STORE"
    exit_code = 5


class StoreUnavailableError(StoreError):
    """The store cannot be reached or is locked."""

    code = "STORE_UNAVAILABLE"
    transient = True


class StoreVersionError(StoreError):
    """The store was written by a newer version, or needs `headwater db upgrade`."""

    code = "STORE_VERSION"


class ScopeMovedError(StoreError):
    """Another writer changed a scope between the diff and the commit; diff again."""

    code = "SCOPE_MOVED"
    transient = True

    def __init__(self, scopes: Sequence[str]) -> None:
        self.scopes = tuple(scopes)
        super().__init__(
            f"{', '.join(scopes)}: changed by another writer since the diff was made. Diff again and retry."
        )


class RefusedError(StoreError):
    """A record breaks a rule of the log or the store, such as a snapshot dated in the future."""

    code = "REFUSED"


class EvidenceError(CatalogError):
    """Recorded evidence does not verify: a hash, a proof or the log's tree."""

    code = "EVIDENCE"
    exit_code = 6
