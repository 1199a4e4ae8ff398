"""Snapshots: the columns that dbt adds to what their SQL selects, and where their values come from.

The timestamp strategy takes a row's times from the column `updated_at`; the check strategy takes them from the clock. The
row's id is a hash of the key and the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from catalog.model.edges import ValueKind
from ingestors.dbt.project import Entry
from ingestors.dbt.readings import Derivation, Reading
from ingestors.dbt.relations import Relation
from ingestors.dbt.values import mapping, text, texts

_ADDED: Final = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")
_TIMES: Final[dict[str, ValueKind]] = {
    "dbt_updated_at": "identity", "dbt_valid_from": "identity", "dbt_valid_to": "transformation",
}  # fmt: skip
_WEAKEST: Final[tuple[ValueKind, ...]] = ("identity", "transformation", "aggregation", "conditional")
_REASON: Final = "concluded from the snapshot's strategy"


def added_columns(entry: Entry) -> list[str]:
    """Returns the names of the columns that dbt adds; none for what is no snapshot."""
    if entry.resource != "snapshot":
        return []
    deleted = ["dbt_is_deleted"] if entry.config.get("hard_deletes") == "new_record" else []
    return [_named(entry.config, column) for column in (*_ADDED, *deleted)]


def added_derivations(relation: Relation, reading: Reading) -> Iterator[Derivation]:
    """Yields where the values of the added columns come from, through the columns that the SQL selects."""
    entry = relation.entry
    if entry.resource != "snapshot":
        return
    times = _names(entry.config.get("updated_at")) if text(entry.config.get("strategy")) == "timestamp" else []
    for column, kind in _TIMES.items():
        yield from _through(relation, reading, _named(entry.config, column), times, kind, masking=False)
    keys = [*_names(entry.config.get("unique_key")), *times]
    yield from _through(relation, reading, _named(entry.config, "dbt_scd_id"), keys, "transformation", masking=True)


def _names(value: Any) -> list[str]:
    return texts(value)


def _named(config: Mapping[str, Any], column: str) -> str:
    return text(mapping(config.get("snapshot_meta_column_names")).get(column)) or column


def _through(
    relation: Relation, reading: Reading, target: str, through: list[str], kind: ValueKind, *, masking: bool
) -> Iterator[Derivation]:
    rules = relation.rules
    keys = {rules.key(rules.column(name, quoted=False)) for name in through}
    for known in reading.derivations:
        if rules.key(known.column) in keys:
            joint = _WEAKEST[max(_WEAKEST.index(kind), _WEAKEST.index(known.kind))]
            yield Derivation(
                relation.path(target) or target, known.source, joint, masking or known.masking, "declared",
                known.reason or _REASON, False, None,
            )  # fmt: skip
