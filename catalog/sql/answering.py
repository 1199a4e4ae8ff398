"""From what a pass gathered to a statement of the answer, and statements about which nothing can be said."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.sql import tags
from catalog.sql.results import ColumnName, Flow, Influence, Problem, Statement, Table
from catalog.sql.scopes import Gathered, Pass
from catalog.sql.splitting import Piece
from catalog.sql.texts import Fragment


def stopped(piece: Piece, text: str) -> Statement:
    """A statement at which following calls ended."""
    problem = Problem("limit", "routines call routines too often", piece.line)
    start, end = piece.start, piece.end
    return Statement("unparsed", text[start:end], start, end, piece.line, problems=(problem,))


def failed(text: str, code: str, message: str) -> Statement:
    """A text that is not looked into: of a long one the beginning."""
    problem = Problem("limit" if code == "limit" else "unparsed", message, 1)
    return Statement("unparsed", text[:1000], 0, len(text), 1, problems=(problem,))


def finished(kind: str, piece: Piece, text: str, run: Pass, within: Table | None) -> Statement:
    """A statement that was analysed.

    Args:
        within: The routine whose body it stands in.
    """
    gathered = run.gathered
    return Statement(
        kind=kind,
        text=text[piece.start : piece.end],
        start=piece.start,
        end=piece.end,
        line=piece.line,
        reads=tuple(gathered.reads),
        through=tuple(gathered.through),
        read_columns={t: None if c is None else tuple(c) for t, c in gathered.reads.items()},
        writes=tuple(gathered.writes),
        flows=tuple(_flows(gathered, run.dialect)),
        influences=tuple(_influences(gathered)),
        columns=None if gathered.columns is None else tuple(gathered.columns),
        defines_target=gathered.defines_target,
        if_not_exists=gathered.if_not_exists,
        temporary=gathered.temporary,
        emptied=tuple(gathered.emptied),
        dropped=tuple(gathered.dropped),
        renamed=tuple(gathered.renamed),
        within=within,
        problems=tuple(gathered.problems.values()),
    )


def _flows(gathered: Gathered, dialect: str | None) -> Iterable[Flow]:
    flows: list[Flow] = []
    targets = set[ColumnName]()
    for table, output in gathered.puts:
        target = ColumnName(table, output.name)
        targets.add(target)
        fragment = Fragment(output.node, dialect) if output.node is not None and output.sources else None
        for source, flags in output.sources.items():
            exact, reason = tags.exactness(flags)
            star = not flags & tags.NAMED
            for kind, masking in tags.FLOWS[flags & tags.KIND_BITS]:
                flows.append(Flow(target, source, kind, masking, exact, reason, star, fragment))
    return flows if len(targets) == len(gathered.puts) else _distinct(flows)


def _distinct(flows: Iterable[Flow]) -> Iterable[Flow]:
    """Where a column is written to in several places, the first of those that say the same counts."""
    first: dict[tuple[object, ...], Flow] = {}
    for flow in flows:
        identity = (flow.target, flow.source, flow.kind, flow.masking, flow.exactness, flow.by_star)
        first.setdefault(identity, flow)
    return first.values()


def _influences(gathered: Gathered) -> Iterable[Influence]:
    for table, rows in gathered.rows.items():
        for source, flags in rows.items():
            exact, reason = tags.exactness(flags)
            for kind in tags.INFLUENCES[flags & tags.ROW_BITS]:
                yield Influence(table, source, kind, exact, reason)
    windows: dict[Influence, None] = {}
    for table, output in gathered.puts:
        for source, flags in output.sources.items():
            if flags & tags.WINDOW_BITS:
                windows[Influence(ColumnName(table, output.name), source, "window", *tags.exactness(flags))] = None
    yield from windows
