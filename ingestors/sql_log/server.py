"""The statements that took effect, turned into snapshots of the tables that they define, fill, rename and drop.

The scope of a table holds its newest definition: what makes it or fills it anew. Below it lie its structure (`columns`) and one
scope for each kind of statement that adds to it, named by a fingerprint.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from catalog.model.facts import Origin, Scope, Skip, Snapshot
from catalog.model.instants import Instant
from catalog.model.names import Urn
from catalog.sql import Statement, Table
from ingestors.sql_log import guesses
from ingestors.sql_log.analyses import Analysed, Analyses
from ingestors.sql_log.claims import Claims, Item, dataset_type, hides_reads
from ingestors.sql_log.connections import Connection, Connections
from ingestors.sql_log.definitions import Defined, Definitions, moved, unknown
from ingestors.sql_log.held import Held, Holds
from ingestors.sql_log.source import Source
from ingestors.sql_log.structures import Structures, altered
from ingestors.sql_log.transactions import Ended, Settled, bare

COLUMNS: Final = "columns"
"""The scope below a table that holds its structure."""

_TABLE: Final = 3
"""Parts of a table's own scope."""
_ADDS_NOTHING: Final = frozenset({"update", "delete", "merge"})
"""Kinds that change rows: after a TRUNCATE they find none."""
_HARMLESS: Final = ("select", "copy_out")
"""Kinds that say nothing of a table, whatever was not understood."""
_ROUTINES: Final = frozenset({"create_function", "create_procedure", "create_trigger"})
"""Kinds that are followed by the statements of a body, which counts when it is called."""
_BARE_TABLES: Final = frozenset({"create_table", "create_table_like"})
"""Kinds that make a table without content: the INSERT that fills it is a part of its definition."""


class _Place(NamedTuple):
    """Where and when a statement ran."""

    at: Instant
    origin: Origin
    connection: Connection
    analysed: Analysed


class Server:
    """What one log says about the tables of one server."""

    def __init__(self, source: Source, *, dated: bool = True) -> None:
        options, known = source.options, source.known
        self._dialect, self._namespace, self._dated, self._skips = source.dialect, source.namespace, dated, source.skips
        limit = source.context.limits.statement_chars
        self._connections = Connections(
            self._dialect, known.schema, options.database, options.search_path(self._dialect), limit
        )
        self._structures = Structures(known.at)
        self._claims = Claims(
            self._namespace,
            self._dialect,
            options.format == "sql-files",
            lambda table: self._structures.of_another_time(table, self._now),
        )
        self._analyses = Analyses(self._claims, source.trial)
        self._holds, self._definitions = Holds(), Definitions()
        self._number = 0
        self._now = Instant(0)

    def feed(self, item: Settled | Ended | Skip) -> Iterator[Snapshot]:
        """Yields what is certain after this item."""
        if isinstance(item, Skip):
            self._skips.add(item)
        elif isinstance(item, Ended):
            self._connections.end_transaction(item.session)
            if item.whole:
                self._connections.end(item.session)
                yield from self._holds.release(item.session)
        else:
            yield from self._settled(item)

    def finish(self) -> Iterator[Snapshot]:
        """Yields what sessions that did not end may have left."""
        yield from self._holds.release(None)

    # --- one statement --------------------------------------------------------------------------------------------------

    def _settled(self, item: Settled) -> Iterator[Snapshot]:
        self._number += 1
        self._now = item.at
        yield from self._holds.expire(self._number)
        connection, over = self._connections.get(item.message)
        if over is not None:
            yield from self._holds.release(over)
        word = bare(item.text)
        self._connections.note_default(word)
        if guesses.is_inert(word) or guesses.is_elsewhere(word):
            return
        text = connection.effective(item.text)
        connection.before(word)
        analysed = self._analyses.of(text, connection, item.origin)
        connection.settle(word)
        routine = bool(analysed) and analysed[0].statement.kind in _ROUTINES
        for one in analysed[:1] if routine else analysed:
            yield from self._statement(one.statement, _Place(item.at, item.origin, connection, one))

    def _statement(self, statement: Statement, place: _Place) -> Iterator[Snapshot]:
        if statement.kind == "unparsed" or not (statement.writes or statement.dropped or statement.renamed):
            yield from self._not_understood(statement, place)
        elif statement.kind == "refresh":
            return  # the definition is what it was
        elif statement.temporary:
            for skip in self._claims.skips(statement.problems, place.origin):
                self._skips.add(skip)
        else:
            if statement.renamed:
                yield from self._rename(statement, place)
            for table in statement.dropped:
                self._drop(table, place)
            done = {*statement.dropped, *(table for pair in statement.renamed for table in pair)}
            for table in statement.writes:
                if table not in done:
                    yield from self._write(statement, table, place)

    def _not_understood(self, statement: Statement, place: _Place) -> Iterator[Snapshot]:
        if not statement.problems or statement.kind.startswith(_HARMLESS):
            return
        guess = guesses.target(statement.text)
        if guess is None:
            for skip in self._claims.skips(statement.problems, place.origin):
                self._skips.add(skip)
            return
        parts, makes = guess
        table = place.connection.session.tables.name(parts)
        items = list(self._claims.skips(statement.problems, place.origin, self._claims.dataset(table)))
        below = () if makes else (place.analysed.fingerprint(self._dialect),)
        yield self._snapshot(table, place, items, *below, complete=False)

    # --- what it does to tables -----------------------------------------------------------------------------------------

    def _write(self, statement: Statement, table: Table, place: _Place) -> Iterator[Snapshot]:
        kind, session = statement.kind, place.connection.key
        made = dataset_type(kind) is not None
        filled = table in place.analysed.filled
        if kind.startswith("alter"):
            yield from self._alter(statement, table, place)
        elif made:
            yield from self._make(statement, table, place)
        elif table in statement.emptied and not filled and not kind.startswith("insert"):
            held = self._holds.take(session, table)
            self._holds.put(session, table, held or Held(self._number))
        elif statement.defines_target or (table in statement.emptied and filled):
            self._holds.take(session, table)
            yield from self._define(statement, table, place)
        elif kind in _ADDS_NOTHING:
            yield self._append(statement, table, place)
        else:
            held = self._holds.take(session, table)
            if held is not None and (not held.made or (held.snapshots and not statement.reads)):
                # Another session has made it again; or these are rows from outside: what made it defines it.
                self._holds.put(session, table, held)
            if held is None or not held.made:
                yield self._append(statement, table, place)
            elif statement.reads or not held.snapshots:
                yield from (snapshot for snapshot in held.snapshots if len(snapshot.scope) > _TABLE)
                yield from self._define(statement, table, place)

    def _make(self, statement: Statement, table: Table, place: _Place) -> Iterator[Snapshot]:
        session = place.connection.key
        held = self._holds.take(session, table)
        sure = not statement.if_not_exists or (held is not None and not held.made)
        complete = sure and not hides_reads(statement)
        structure = self._claims.structure(statement, place.analysed.starred, table, place.origin)
        self._structures.made(table, structure)
        items = self._items(statement, table, place)
        kept = Defined(items, complete, {COLUMNS: tuple(structure)})
        self._definitions.put(table, kept)
        snapshots = (
            self._snapshot(table, place, structure, COLUMNS, complete=complete),
            self._snapshot(table, place, items, complete=complete),
        )
        if sure and statement.kind in _BARE_TABLES:
            self._holds.put(session, table, Held(self._number, snapshots))
        else:
            yield from snapshots

    def _define(self, statement: Statement, table: Table, place: _Place) -> Iterator[Snapshot]:
        """Yields content that replaces all that was there; what the table looks like is said elsewhere."""
        complete = not hides_reads(statement)
        items = self._items(statement, table, place)
        before = self._definitions.get(table)
        below = {COLUMNS: before.below[COLUMNS]} if before is not None and COLUMNS in before.below else {}
        self._definitions.put(table, Defined(items, complete, below))
        yield self._snapshot(table, place, items, complete=complete, unread=(COLUMNS,))

    def _append(self, statement: Statement, table: Table, place: _Place) -> Snapshot:
        items = self._items(statement, table, place, whole=False)
        part = place.analysed.fingerprint(self._dialect)
        self._definitions.add(table, part, items)
        return self._snapshot(table, place, items, part, complete=not hides_reads(statement))

    def _drop(self, table: Table, place: _Place) -> None:
        self._holds.take(place.connection.key, table)
        self._definitions.take(table)
        self._structures.gone(table)
        self._hold_end(table, place)

    def _hold_end(self, table: Table, place: _Place) -> None:
        end = Held(self._number, (self._snapshot(table, place, ()),), empty=False, made=False)
        self._holds.put(place.connection.key, table, end)

    def _rename(self, statement: Statement, place: _Place) -> Iterator[Snapshot]:
        session = place.connection.key
        known = {old: self._definitions.take(old) for old, _ in statement.renamed}
        shapes = {old: self._structures.gone(old) for old, _ in statement.renamed}
        held = {old: self._holds.take(session, old) for old, _ in statement.renamed}
        arrived = {new for _, new in statement.renamed}
        for old, new in statement.renamed:
            self._holds.take(session, new)
            if old not in arrived:
                self._hold_end(old, place)
            urns = self._claims.dataset(old), self._claims.dataset(new)
            self._structures.arrived(new, shapes[old])
            before = held[old]
            if before is not None and before.made:
                self._holds.put(session, new, Held(self._number))
            yield from self._arrive(known[old], new, urns, place)

    def _arrive(self, defined: Defined | None, new: Table, urns: tuple[Urn, Urn], place: _Place) -> Iterator[Snapshot]:
        if defined is None:
            yield self._snapshot(new, place, (unknown(*urns, place.origin),))
            return
        below = {part: moved(items, *urns) for part, items in defined.below.items()}
        arrived = Defined(moved(defined.whole, *urns), defined.complete, below)
        self._definitions.put(new, arrived)
        yield from self._say(new, arrived, place)

    def _alter(self, statement: Statement, table: Table, place: _Place) -> Iterator[Snapshot]:
        change = self._structures.change(table, place.connection.session, statement.text)
        if change is None:
            return
        urn = self._claims.dataset(table)
        defined = self._definitions.get(table)
        structure = change.structure(urn, defined.below.get(COLUMNS, ()) if defined is not None else (), place.origin)
        self._structures.made(table, structure)
        if defined is None:
            yield self._snapshot(table, place, structure, COLUMNS)
            return
        below = {part: altered(items, urn, change) for part, items in defined.below.items()} | {
            COLUMNS: tuple(structure)
        }
        now = Defined(altered(defined.whole, urn, change), defined.complete, below)
        self._definitions.put(table, now)
        if (now.whole, {**below, COLUMNS: ()}) == (defined.whole, {**defined.below, COLUMNS: ()}):
            yield self._snapshot(table, place, structure, COLUMNS)
        else:
            yield from self._say(table, now, place)

    # --- snapshots ------------------------------------------------------------------------------------------------------

    def _items(self, statement: Statement, table: Table, place: _Place, *, whole: bool = True) -> tuple[Item, ...]:
        """Returns what a statement says of a table."""
        claims, origin = self._claims, place.origin
        about = claims.definition(statement, table, origin) if whole else claims.mention(table, origin)
        return (*about, *place.analysed.lineage[table])

    def _say(self, table: Table, defined: Defined, place: _Place) -> Iterator[Snapshot]:
        for part, items in defined.below.items():
            yield self._snapshot(table, place, items, part)
        yield self._snapshot(table, place, defined.whole, complete=defined.complete)

    def _snapshot(
        self, table: Table, place: _Place, items: Sequence[Item], *below: str, complete: bool = True,
        unread: tuple[str, ...] = (),
    ) -> Snapshot:  # fmt: skip
        scope: Scope = ("sql", self._namespace, self._claims.dataset(table).name, *below)
        return Snapshot(
            scope,
            place.at,
            items if isinstance(items, tuple) else tuple(items),
            complete=complete,
            unread=frozenset((*scope, part) for part in unread),
            dated=self._dated,
        )
