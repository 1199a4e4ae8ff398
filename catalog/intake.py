"""What of a snapshot can be kept, and the report on what a source came to.

What cannot be kept, and what a reader did not understand, becomes a `Skipped` node in the scope that it belongs to, and is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import ClassVar, Final

from catalog.model.edges import ANY, DERIVED, Edge
from catalog.model.errors import RefusedError
from catalog.model.facts import MAX_FACT_BYTES, Fact, Origin, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.nodes import Skipped
from catalog.store.derived import check_indexed


@dataclass(slots=True)
class SourceReport:
    """What reading one source came to.

    Attributes:
        snapshots: Snapshots that it yielded.
        added: Claims that began to hold.
        changed: Scopes that said something else than before.
        closed: Claims that ended.
        unchanged: Snapshots that were known already.
        skipped: How often each (reason, place) was met.
        words: The beginning of the first message of each, for people.
        error: Why the source as a whole could not be read to its end.
    """

    name: str
    kind: str
    snapshots: int = 0
    facts: int = 0
    added: int = 0
    changed: int = 0
    closed: int = 0
    unchanged: int = 0
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    words: dict[tuple[str, str], str] = field(default_factory=dict)
    error: str | None = None
    seconds: float = 0.0
    commits: list[int] = field(default_factory=list)

    @property
    def is_partial(self) -> bool:
        return self.error is not None or any(reason not in HARMLESS for reason, _ in self.skipped)


HARMLESS: Final = frozenset({"newer_format", "undated", "ignored", "redacted"})
"""Reasons of skips that lose nothing: they do not make a run partial."""

_WORDS: Final = 200
"""Characters of a message that a report keeps; the graph has more of it."""

Progress = Callable[[SourceReport], None]


def kept(snapshot: Snapshot, report: SourceReport) -> Iterator[Fact]:
    """Yields what can be kept, skips among it as nodes; counts everything."""
    for item in snapshot.facts:
        report.facts += 1
        if isinstance(item, Skip):
            yield _skipped(item, report)
            continue
        problem = _problem(item)
        if problem is None:
            yield item
        else:
            yield _skipped(Skip("refused", problem, item.origin or Origin(report.name)), report)


def _skipped(skip: Skip, report: SourceReport) -> Fact:
    report.skipped[skip.code, str(skip.origin)] += skip.occurrences
    report.words.setdefault((skip.code, str(skip.origin)), _clean(" ".join(skip.message[:_WORDS].split())))
    text = "\n".join((skip.code, str(skip.origin), skip.message))
    name = blake2b(text.encode("utf-8", "replace"), digest_size=8).hexdigest()
    node = Skipped(
        namespace=report.name,
        name=name,
        code=skip.code,
        message=_clean(skip.message[:2000]),
        place=_clean(str(skip.origin)),
        occurrences=skip.occurrences if skip.occurrences != 1 else None,
        subjects=sorted(map(str, skip.subjects)) or None,
    )
    return Fact(node, skip.origin)


def _problem(fact: Fact) -> str | None:
    """Returns why a fact cannot be kept, or None."""
    element = fact.element
    if isinstance(element, Edge):
        wrong = _wrong_ends(element)
        if wrong:
            return wrong
    try:
        if len(fact.body) > MAX_FACT_BYTES:
            return f"a fact of {len(fact.body)} bytes: expected at most {MAX_FACT_BYTES}"
        check_indexed(fact)
    except RefusedError as err:
        return str(err)
    return None


def _wrong_ends(edge: Edge) -> str | None:
    if edge.type() in DERIVED:
        return f"{edge.type()} follows from other facts: no source may state it"
    for role, allowed, urn in (("start", edge.starts, edge.start), ("end", edge.ends, edge.end)):
        if allowed != ANY and urn.kind not in allowed:
            return f"{edge.type()} cannot {role} at {str(urn)!r}: expected one of {', '.join(sorted(allowed))}"
    return None


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


class AtHand:
    """Snapshots that are there already, as a source."""

    name: ClassVar[str] = "at hand"
    options: ClassVar[type[Options]] = Options

    def __init__(self, options: Sequence[Snapshot]) -> None:
        self._snapshots = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:  # noqa: ARG002
        return iter(self._snapshots)
