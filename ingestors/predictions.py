"""Predictions of models and the decisions made on them: CSV with a header, or one JSON object a line.

What is kept is the link, not the person: the subject's id as a keyed hash (BLAKE2b with the option `key`; without a key a
short id can be guessed from its hash), and of the model's inputs only the values of the features that were given as
reasons (option `values`). Columns that are not named here are not kept.

Predictions are immutable: incomplete snapshots of `("predictions", NAMESPACE)`, one for the consecutive rows of a day, at
the latest time among them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, ClassVar, Final, Literal

from pydantic import Field

from catalog.model.canonical import json_text
from catalog.model.edges import PredictedBy
from catalog.model.errors import InvalidTimeError, SourceError
from catalog.model.facts import Fact, Origin, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import TIES, Instant, day, parse, show
from catalog.model.names import Urn
from catalog.model.nodes import Prediction
from ingestors.documents import json_value
from ingestors.reading import Cut, Malformed, Reader
from ingestors.values import text

Values = Literal["reasons", "all", "none"]
_USUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("prediction_id", "decision_id", "id", "request_id"),
    "at": ("at", "predicted_at", "decided_at", "timestamp", "time"),
    "subject": ("subject", "subject_id", "customer_id", "applicant_id", "user_id", "entity_id"),
    "model": ("model_name", "model"),
    "version": ("model_version", "version"),
    "run": ("run_id", "run"),
    "service": ("feature_service",),
    "score": ("score", "probability"),
    "outcome": ("outcome", "decision", "label"),
    "reasons": ("reasons", "reason_codes"),
    "features": ("features", "inputs"),
}
"""Our fields and their usual names, the first that a record has counts."""
_ITEMS: Final = 10_000
"""Facts of a snapshot, about."""
_OLDEST: Final = parse("2000-01-01")
_DAY: Final = 86_400_000_000 * TIES


class PredictionsOptions(Options):
    """Options of a source of kind `predictions`."""

    path: str = Field(description="File or pattern: .csv, .jsonl or .ndjson.")
    namespace: str = Field(description="Namespace of the models, or its alias.")
    columns: dict[str, str] = Field(
        default_factory=dict, description=f"Column for a field, where it has another name: {', '.join(_USUAL)}."
    )
    key: str | None = Field(
        default=None, min_length=1, description="Secret for the hash of subjects, e.g. ${PREDICTIONS_KEY}."
    )
    values: Values = Field(
        default="reasons", description="Whose values are kept: of the reasons, of all features, of none."
    )


class PredictionsIngestor:
    """Reads logs of predictions."""

    name: ClassVar[str] = "predictions"
    options: ClassVar[type[Options]] = PredictionsOptions

    def __init__(self, options: PredictionsOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        reader = Reader(context)
        log = _Log(self._options, context.namespace(self._options.namespace), context.now + _DAY, context.limits.depth)
        for path in reader.paths(self._options.path):
            stand_in, dated = context.at or reader.modified(path), context.at is not None
            for at, items in _days(log.rows(reader, path)):
                scope = ("predictions", log.namespace)
                yield Snapshot(scope, at or stand_in, items, complete=False, dated=at is not None or dated)


Row = tuple[Instant | None, list[Fact | Skip]]
"""What one record says, and its time."""


def _days(rows: Iterable[Row]) -> Iterator[Row]:
    """Joins consecutive rows of one day; a row without a time goes with those before it."""
    latest: Instant | None = None
    items: list[Fact | Skip] = []
    for at, said in rows:
        other_day = at is not None and latest is not None and day(at) != day(latest)
        if items and (other_day or len(items) >= _ITEMS):
            yield latest, items
            latest, items = None, []
        items.extend(said)
        latest = at if latest is None or (at is not None and at > latest) else latest
    if items:
        yield latest, items


@dataclass(frozen=True, slots=True)
class _Log:
    """Turns the records of a log into facts."""

    options: PredictionsOptions
    namespace: str
    newest: int
    depth: int

    def rows(self, reader: Reader, path: Path) -> Iterator[Row]:
        ignored = dict[str, None]()
        label = reader.label(path)
        is_csv = Path(path.name.removesuffix(".gz")).suffix.lower() == ".csv"
        for record, origin in self._table(reader, path, label) if is_csv else self._objects(reader, path, label):
            if isinstance(record, Skip):
                yield None, [record]
                continue
            columns = self._columns(record)
            ignored.update(dict.fromkeys(key for key in record if key not in columns.values()))
            yield self._row({name: record[column] for name, column in columns.items()}, origin)
        if ignored:
            message = f"columns that are not kept: {', '.join(sorted(ignored))[:500]}"
            yield None, [Skip("ignored", message, Origin(label))]

    def _table(self, reader: Reader, path: Path, label: str) -> Iterator[tuple[dict[str, Any] | Skip, Origin]]:
        for number, record in reader.records(path):
            origin = Origin(label, f"row {number}")
            if isinstance(record, Malformed):
                yield Skip("unreadable", f"the row {record.problem}", origin), origin
            else:
                yield dict(record), origin

    def _objects(self, reader: Reader, path: Path, label: str) -> Iterator[tuple[dict[str, Any] | Skip, Origin]]:
        for number, line in reader.lines(path):
            origin = Origin(label, str(number))
            if isinstance(line, Cut):
                yield Skip("too_large", "the line is over the limit of records", origin), origin
            elif line.strip():
                yield self._object(line, origin), origin

    def _object(self, line: str, origin: Origin) -> dict[str, Any] | Skip:
        try:
            value = json_value(line, origin.path, self.depth)
        except SourceError as error:
            return Skip("unreadable", f"the line {error.problem}", origin)
        return value if isinstance(value, dict) else Skip("unreadable", "the line is no JSON object", origin)

    def _columns(self, record: Mapping[str, Any]) -> dict[str, str]:
        """Returns our fields and the column that each is found in."""
        named = {name: (self.options.columns[name],) for name in self.options.columns}
        found = {name: next((c for c in named.get(name, usual) if c in record), None) for name, usual in _USUAL.items()}
        return {name: column for name, column in found.items() if column is not None}

    def _row(self, fields: Mapping[str, Any], origin: Origin) -> Row:
        name, at = text(fields.get("id")), self._time(text(fields.get("at")))
        if name is None or at is None:
            return None, [Skip("unreadable", "the row has no id, or no time that can be", origin)]
        reasons = _names(fields.get("reasons"))
        values, problem = self._values(fields.get("features"), reasons)
        prediction = Prediction(
            namespace=self.namespace, name=name, at=show(at), subject=self._subject(text(fields.get("subject"))),
            run_id=text(fields.get("run")), feature_service=text(fields.get("service")),
            outcome=text(fields.get("outcome")), score=text(fields.get("score")),
            reasons=reasons or None, features=json_text(values) if values else None,
        )  # fmt: skip
        items: list[Fact | Skip] = [Fact(prediction, origin), self._model(prediction, fields, origin)]
        return at, items + ([Skip("unreadable", problem, origin, (prediction.urn,))] if problem else [])

    def _model(self, prediction: Prediction, fields: Mapping[str, Any], origin: Origin) -> Fact | Skip:
        model, version = text(fields.get("model")), text(fields.get("version"))
        if model is None or version is None:
            return Skip("unresolved", "the row names no model and version", origin, (prediction.urn,))
        return Fact(
            PredictedBy(start=prediction.urn, end=Urn("modelversion", (self.namespace, model, version))), origin
        )

    def _time(self, stamp: str | None) -> Instant | None:
        try:
            at = parse(stamp) if stamp and "#" not in stamp else None
        except InvalidTimeError:
            return None
        return at if at is not None and _OLDEST <= at <= self.newest else None

    def _subject(self, subject: str | None) -> str | None:
        """Returns a hash that tells the same subject again, and not who it is."""
        if subject is None:
            return None
        key = blake2b((self.options.key or "").encode(), digest_size=32).digest()
        return blake2b(f"{self.namespace}\0{subject}".encode(), digest_size=16, key=key).hexdigest()

    def _values(self, said: Any, reasons: list[str]) -> tuple[dict[str, str | None], str | None]:
        """Returns the values that are kept, and what is wrong with them."""
        if self.options.values == "none" or said in (None, ""):
            return {}, None
        try:
            given = json_value(said, "features", self.depth) if isinstance(said, str) else said
        except SourceError as error:
            return {}, f"the field of features {error.problem}"
        if not isinstance(given, dict):
            return {}, "the features are no JSON object"
        kept = given if self.options.values == "all" else {name: given[name] for name in reasons if name in given}
        return {name: _shown(value) for name, value in kept.items()}, None


def _shown(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else text(value)


def _names(said: Any) -> list[str]:
    parts = said if isinstance(said, list) else (text(said) or "").split(";")
    return list(dict.fromkeys(name for part in parts if (name := (text(part) or "").strip())))
