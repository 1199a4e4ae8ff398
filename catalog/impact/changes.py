"""Changes that someone proposes: `drop:REF`, `rename:REF=NEW`, `retype:REF=TYPE`, `add-not-null:REF`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from catalog.model.errors import UsageError
from catalog.model.names import Urn, dataset_of
from catalog.refs import Refs

ChangeKind = Literal["drop", "rename", "retype", "add-not-null"]

_FORMS: Final[dict[ChangeKind, str]] = {
    "drop": "drop:REF",
    "rename": "rename:REF=NEW",
    "retype": "retype:REF=TYPE",
    "add-not-null": "add-not-null:REF",
}
_OF_DATASETS: Final = frozenset({"drop", "rename"})


@dataclass(frozen=True, slots=True)
class Change:
    """A change to a column or a whole data set. `to` is the new name or type."""

    text: str
    kind: ChangeKind
    urn: Urn
    to: str | None = None

    @property
    def whole(self) -> bool:
        """Whether a data set as such is dropped or renamed."""
        return self.urn.kind == "dataset"

    @property
    def removes_name(self) -> bool:
        return self.kind in ("drop", "rename")

    @property
    def dataset(self) -> Urn:
        return self.urn if self.whole else dataset_of(self.urn)


def parse_change(text: str, refs: Refs) -> Change:
    """Reads a change.

    Raises:
        UsageError: it is none, or its kind does not fit what it names.
        NotFoundError: what it names is not in the catalog.
        AmbiguousNameError: the name fits several things.
    """
    kind, colon, rest = text.partition(":")
    for known, form in _FORMS.items():
        if kind.strip().lower() == known and colon:
            name, to = _target(text, rest, form)
            urn = refs.parse(name, ("column", "dataset"))
            if urn.kind == "dataset" and known not in _OF_DATASETS:
                raise UsageError(f"{text!r}: {name!r} is a data set: expected a column. Name one as DATASET#COLUMN.")
            return Change(text, known, urn, to)
    raise UsageError(f"{text!r} is no change: expected {', '.join(_FORMS.values())}. Write it in one of these forms.")


def _target(text: str, rest: str, form: str) -> tuple[str, str | None]:
    if "=" not in form:
        return rest, None
    name, equals, to = rest.rpartition("=")
    if not equals or not name or not to.strip():
        raise UsageError(f"{text!r} says nothing of what it becomes: expected {form}. Add it behind `=`.")
    return name, to.strip()
