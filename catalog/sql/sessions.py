"""Analysing text: statement after statement, with what a session remembers."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from sqlglot import exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.tokenizer_core import Token

from catalog.sql.answering import failed, finished, stopped
from catalog.sql.bodies import inner_statements, needs_cutting
from catalog.sql.caching import Cache, Journal
from catalog.sql.clients import without_client_commands
from catalog.sql.commands import COMMANDS
from catalog.sql.dialects import traits
from catalog.sql.endtoend import joined
from catalog.sql.guessing import other_dialects
from catalog.sql.kinds import apply
from catalog.sql.lexing import dialect_of
from catalog.sql.limits import (
    MAX_CHARACTERS,
    SHARED,
    Budget,
    TooMuchError,
    deep_recursion,
    too_deep,
    too_wide,
    uncollected,
)
from catalog.sql.names import ColumnMapping, Schema, case_rules
from catalog.sql.reading import find, read_name
from catalog.sql.relations import Relation, relation
from catalog.sql.repairs import marked_again, repaired
from catalog.sql.results import Problem, Result, Statement, Table
from catalog.sql.routines import Routine, routine_of, script_variables
from catalog.sql.scopes import Gathered, Pass
from catalog.sql.second_chances import second_chances
from catalog.sql.semantic_views import create_semantic_view
from catalog.sql.splitting import Piece, schema_elements, shifted, statements_of, tokenize
from catalog.sql.tables import Tables

# The parser says "falling back to Command" on a logger of its own, with the text, passwords and all; what it means for
# lineage is said by a Problem.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())
logging.getLogger("sqlglot").propagate = False


def analyze(
    text: str,
    dialect: str | None = None,
    columns: Schema | ColumnMapping | None = None,
    default_database: str | None = None,
    default_schema: str | None = None,
    search_path: Sequence[str] = (),
    max_characters: int = MAX_CHARACTERS,
) -> Result:
    """Returns what a text does, in a session of its own."""
    session = Session(dialect, columns, default_database, default_schema, search_path, max_characters)
    return session.analyze(text)


_TEMPLATE: Final = re.compile(r"\{\{|\{%|\$?\{\w+\}")
"""Jinja, and the fields of format strings."""

_FLOW_COST: Final = 4
"""Making a flow for the answer costs so many times what handling a source does."""

_CALL_COST: Final = 60

_MAX_NESTED: Final = 8
"""Routines that call each other are followed so far."""


@dataclass(frozen=True, slots=True)
class _Body:
    """What surrounds a statement of a routine or block."""

    within: Table | None
    variables: frozenset[str]
    depth: int
    records: dict[str, Relation] = field(default_factory=dict)


class Session:
    """A connection's state between texts: temporary tables, search path, prepared statements, tables made, renamed."""

    def __init__(
        self,
        dialect: str | None = None,
        columns: Schema | ColumnMapping | None = None,
        default_database: str | None = None,
        default_schema: str | None = None,
        search_path: Sequence[str] = (),
        max_characters: int = MAX_CHARACTERS,
        cache: Cache | None = None,
    ) -> None:
        """Opens a session.

        Args:
            dialect: A name of sqlglot's; None for SQL of no particular dialect.
            search_path: Schemas in which bare names are looked for, in order; instead of `default_schema`.
            cache: Answers of other sessions of the same dialect and schema; a log's repetitions then cost little.

        Raises:
            ValueError: the dialect is not known; the message names the nearest.
        """
        self._dialect = dialect_of(dialect)
        self._name = dialect or None
        self._max_characters, self._cache = max_characters, cache
        self._rules, self._traits = case_rules(dialect), traits(dialect)
        schema = columns if isinstance(columns, Schema) else Schema(columns, dialect)
        path = tuple(search_path) or ((default_schema,) if default_schema else ())
        self.tables = Tables(schema, self._rules, self._traits, default_database, path)
        self._shared = SHARED
        self._prepared: dict[str, Piece] = {}
        self._variables: frozenset[str] = frozenset()
        self._routines: dict[Table, tuple[Routine, str]] = {}
        self._records: dict[str, Relation] = {}

    def analyze(self, text: str) -> Result:
        """Returns what a text does, and remembers it. Never raises for what the text is."""
        if len(text) > self._max_characters:
            message = f"the text has {len(text)} characters, more than the limit of {self._max_characters}"
            return joined([failed(text, "limit", message)])
        self.tables.branching = False
        with uncollected(len(text)):
            cache = None if self._variables else self._cache
            return self._analyze(text) if cache is None else self._from_cache(text, cache)

    def join(self, other: Session) -> None:
        """Shares lasting tables and routines with another session of the same server, from now on both ways.

        A transaction in one of them parts them again: send what was committed only.
        """
        self.tables.join(other.tables)
        self._routines = other._routines

    def columns_of(self, table: Table) -> tuple[str, ...] | None:
        """Returns a table's columns as the session knows them now; None if they are not all known."""
        return self.tables.columns_of(table)

    @property
    def changes(self) -> int:
        """A number that grows with everything that later texts of the session may depend on."""
        return self.tables.changes

    def _from_cache(self, text: str, cache: Cache) -> Result:
        scanned = cache.scan(text, self._name)
        key = (self._name, scanned.key, self.tables.database, self.tables.search_path)
        found = cache.find(key, text, scanned, self.tables)
        if found is not None:
            return found
        if not cache.is_wanted(key):
            return self._analyze(text)
        self.tables.journal = journal = Journal()
        try:
            result = self._analyze(text)
        finally:
            self.tables.journal = None
        spans = [(statement.start, statement.end) for statement in result.statements]
        if len(spans) != 1 or spans == [(scanned.start, scanned.end)]:
            cache.keep(key, result, journal)
        return result

    def _analyze(self, text: str) -> Result:
        text = without_client_commands(text, self._name)
        own, tokens = self._dialect, tokenize(text, self._dialect)
        if tokens is None and self._name is None:
            cut = ((dialect, tokenize(text, dialect)) for _, dialect in other_dialects(None, len(text) // 50))
            self._dialect, tokens = next(((d, found) for d, found in cut if found is not None), (own, None))
        if tokens is None:
            return joined([failed(text, "unparsed", "a quoted name, text or comment does not end")])
        self._shared = SHARED
        try:
            with deep_recursion():
                return joined([s for p in statements_of(tokens, self._is_batch) for s in self._answers(p, text)])
        finally:
            self._dialect = own

    # ------------------------------------------------------------ one statement, or a body of them

    def _answers(self, piece: Piece, text: str) -> list[Statement]:
        try:
            return list(self._statements(piece, text))
        except MemoryError:
            raise
        except RecursionError:
            problem = Problem("limit", "the statement is nested too deeply", piece.line)
        except Exception as err:
            # A shape that no rule foresaw: the statement is lost, the rest of the text is not.
            message = f"the statement has a form that is not understood ({type(err).__name__})"
            problem = Problem("unsupported", message, piece.line)
        start, end = piece.start, piece.end
        return [Statement("unparsed", text[start:end], start, end, piece.line, problems=(problem,))]

    def _statements(self, piece: Piece, text: str, body: _Body | None = None) -> Iterator[Statement]:
        routine = routine_of(piece, self._dialect, text)
        if routine is not None and (body is None or body.depth < _MAX_NESTED):
            yield from self._routine(routine, piece, text, body)
        elif body is None and needs_cutting(piece, self._name):
            body = _Body(None, frozenset(), 1, self._records)
            for inner in inner_statements(piece, batch=self._is_batch):
                yield from self._statements(inner, text, body)
        elif piece.record and piece.word(0) == "FOR":
            self._loop_over(piece, body)
        elif elements := schema_elements(piece):
            yield from self._schema(elements, text, body)
        elif (call := self._inserted_call(piece)) is not None and (body is None or body.depth < _MAX_NESTED):
            yield from self._insert_called(piece, call, text, body)
        elif self._called(piece) is not None and (body is None or body.depth < _MAX_NESTED):
            yield from self._call(piece, text, body)
        else:
            yield self._statement(piece, text, body)

    @property
    def _is_batch(self) -> bool:
        return self._name in ("tsql", "fabric")

    def _schema(self, elements: Sequence[Piece], text: str, body: _Body | None) -> Iterator[Statement]:
        """CREATE SCHEMA s CREATE TABLE t ..: bare names belong to the new schema."""
        parts, _ = read_name(elements[0].tokens, 2)
        before, self.tables.search_path = self.tables.search_path, (self._rules.table(*parts[-1]),)
        start, end = elements[0].start, elements[-1].end
        try:
            for element in elements:
                for statement in self._statements(element, text, body):
                    yield replace(statement, start=start, end=end, text=text[start:end])
        finally:
            self.tables.search_path = before

    def _loop_over(self, piece: Piece, body: _Body | None) -> None:
        """`FOR r IN c`: the record has the cursor's columns."""
        records = body.records if body is not None else self._records
        cursor = records.get(self._variable(piece.tokens[-1].text))
        if cursor is not None:
            records[self._variable(piece.record)] = cursor

    def _variable(self, name: str) -> str:
        return self._rules.key(self._rules.column(name, False))

    def _routine(self, routine: Routine, piece: Piece, text: str, outer: _Body | None) -> Iterator[Statement]:
        variables = self._keys(routine.variables)
        depth = outer.depth + 1 if outer is not None else 1
        if not routine.kind:
            self._variables |= self._keys(script_variables(piece))
            records = dict(outer.records if outer is not None else self._records)
            body = _Body(outer.within if outer is not None else None, variables, depth, records)
            for inner in inner_statements(routine.body, batch=self._is_batch):
                yield from self._statements(inner, text, body)
            return
        name = self.tables.new_name(routine.name)
        yield Statement(f"create_{routine.kind}", text[piece.start : piece.end], piece.start, piece.end, piece.line)
        self._routines[self._rules.table_key(name)] = routine, text
        self.tables.not_repeatable()
        outside, self.tables = self.tables, self.tables.copy()
        body = _Body(name, variables, depth, self._changed_rows(routine))
        try:
            for inner in inner_statements(routine.body, batch=self._is_batch):
                yield from self._statements(inner, text, body)
        finally:
            self.tables = outside

    def _changed_rows(self, routine: Routine) -> dict[str, Relation]:
        """A trigger's NEW and OLD; T-SQL's are tables, INSERTED and DELETED."""
        if not routine.on:
            return {}
        owner = self.tables.find(routine.on)
        for word in ("inserted", "deleted") if self._is_batch else ():
            self.tables.define((word,), owner.relation, True, [(word, False)], [owner.table])
        return {self._rules.key(self._rules.column(word, False)): owner.relation for word in ("new", "old")}

    def _called(self, piece: Piece) -> tuple[Routine, str] | None:
        """Returns the routine that a CALL or EXEC runs, if the session knows it."""
        if not self._routines or piece.word(0) not in ("CALL", "EXEC", "EXECUTE") or len(piece.tokens) < 2:
            return None
        return self._routine_at(piece, 1 + (piece.word(1) == "TASK"))

    def _routine_at(self, piece: Piece, at: int) -> tuple[Routine, str] | None:
        parts, _ = read_name(piece.tokens, at)
        return self._routines.get(self._rules.table_key(self.tables.new_name(parts)))

    def _inserted_call(self, piece: Piece) -> int | None:
        """Returns where a known routine's name stands in T-SQL's INSERT .. EXEC."""
        if not self._routines or piece.word(0) != "INSERT" or not self._is_batch:
            return None
        at = max(find(piece, "EXEC"), find(piece, "EXECUTE"))
        return at + 1 if 0 < at < len(piece.tokens) - 1 and self._routine_at(piece, at + 1) is not None else None

    def _insert_called(self, piece: Piece, at: int, text: str, outer: _Body | None) -> Iterator[Statement]:
        """Runs the routine; the rows of its last query are those inserted."""
        call = Piece(piece.tokens[at - 1 :])
        routine, _ = self._routine_at(piece, at) or (None, "")
        assert routine is not None
        queries = [p for p in inner_statements(routine.body, batch=True) if p.word(0) in ("SELECT", "WITH")]
        found = [s for s in self._call(call, text, outer) if s.flows == () or s.kind != "select"]
        if queries:
            piece_of_rows = Piece([*piece.tokens[: at - 1], *queries[-1].tokens])
            found.append(self._statement(piece_of_rows, text, outer or _Body(None, routine.variables, 1)))
        else:
            found.append(self._statement(piece, text, outer))
        whole = text[piece.start : piece.end]
        yield from (replace(s, start=piece.start, end=piece.end, text=whole) for s in found)

    def _call(self, piece: Piece, text: str, outer: _Body | None) -> Iterator[Statement]:
        found = self._called(piece)
        assert found is not None
        routine, source = found
        yield Statement("call", text[piece.start : piece.end], piece.start, piece.end, piece.line)
        body = _Body(outer.within if outer is not None else None, routine.variables, (outer.depth if outer else 0) + 1)
        for inner in inner_statements(routine.body, batch=self._is_batch):
            self._shared -= _CALL_COST
            if self._shared < 0:
                yield stopped(piece, text)
                return
            for statement in self._statements(inner, source, body):
                yield replace(statement, start=piece.start, end=piece.end, line=piece.line)

    def _keys(self, names: Iterable[str]) -> frozenset[str]:
        return frozenset(self._rules.key(self._rules.column(name, False)) for name in names)

    def _statement(self, piece: Piece, text: str, body: _Body | None) -> Statement:
        run = Pass(
            self._rules, self._traits, self._name, self.tables, self._cut, self._prepared, Gathered(), piece.line
        )
        run.records = self._records if body is None else body.records
        self.tables.branching = body is not None
        run.budget = Budget(self._shared, len(piece.tokens))
        if body is not None:
            run.variables, run.in_body = body.variables, True
        run.variables |= self._variables
        try:
            kind = self._run(piece, text, run)
            run.budget.spend(_FLOW_COST * run.gathered.size())
        except RecursionError:
            kind = _say(run, "limit", "the statement is nested too deeply")
        except TooMuchError:
            kind = _say(run, "limit", "the statement stands for too many columns and sources")
        except MemoryError:
            raise
        except Exception as err:
            # A tree of a shape that no rule foresaw: the statement is lost, the rest of the text is not.
            kind = _say(run, "unsupported", f"the statement has a form that is not understood ({type(err).__name__})")
        self._shared = run.budget.unshared(self._shared)
        if piece.record:
            self._keep_rows(piece.record, run, body)
        return finished(kind, piece, text, run, body.within if body is not None else None)

    def _keep_rows(self, record: str, run: Pass, body: _Body | None) -> None:
        """Makes a query's rows those of a variable: they go to no table."""
        outputs = [output for table, output in run.gathered.puts if table == ()]
        records = self._records if body is None else body.records
        records[self._variable(record)] = relation(outputs, self._rules.key)
        run.gathered.puts.clear()
        run.gathered.rows.clear()

    def _run(self, piece: Piece, text: str, run: Pass) -> str:
        command = COMMANDS.get(piece.word(0).partition(" ")[0])
        rest = command(piece, run) if command is not None else None
        if rest is not None:
            self.tables.not_repeatable()
        if rest is not None and rest.piece is None:
            return rest.kind
        if self._name == "snowflake":
            made = create_semantic_view(piece, run, lambda tokens: self._expression(tokens, text))
            if made is not None:
                return made
        parsed = self._parse(rest.piece if rest is not None and rest.piece is not None else piece, text, run)
        if parsed is None:
            return "unparsed"
        kind = apply(parsed, run)
        if rest is None:
            return kind
        if rest.reads_only:
            run.gathered.puts = [put for put in run.gathered.puts if put[0] != ()]
            run.gathered.rows.pop((), None)
        return rest.kind

    def _cut(self, text: str) -> Piece | None:
        tokens = tokenize(text, self._dialect)
        return Piece(tokens) if tokens else None

    def _expression(self, tokens: Sequence[Token], text: str) -> exp.Expr | None:
        """Parses the tokens of one expression."""
        if not tokens or too_deep(tokens) is not None:
            return None
        parser = self._dialect.parser(error_level=ErrorLevel.IGNORE)
        trees = parser.parse_into(exp.Condition, list(tokens), text)
        return None if parser.errors else trees[0]

    def _parse(self, piece: Piece, text: str, run: Pass) -> exp.Expr | None:
        # Errors are collected and not raised: compiled parsers leak what a caught error holds.
        deep = too_deep(piece.tokens) or too_wide(piece.tokens)
        if deep is not None:
            run.gathered.report("limit", deep, piece.line)
            return None
        first = repaired(piece, self._name)
        tree, error = self._tree(first, text)
        if error is None:
            return tree
        for other in second_chances(first, self._name):
            tree, again = self._tree(other, text)
            if again is None:
                return tree
        line, message = error
        if _TEMPLATE.search(text, piece.start, piece.end):
            run.gathered.report("dynamic", "the statement is a template: it is not filled in", line)
            return None
        guessed = self._guessed(piece, text, run)
        if guessed is None:
            run.gathered.report("unparsed", message, line)
        return guessed

    def _guessed(self, piece: Piece, text: str, run: Pass) -> exp.Expr | None:
        """Reads a statement as the first dialect does that can, of those that may have been meant."""
        for name, dialect in other_dialects(self._name, len(piece.tokens)):
            tokens = shifted(text[piece.start : piece.end], dialect, piece.start, piece.line)
            if tokens and too_deep(tokens) is None:
                tree, error = self._tree(repaired(Piece(tokens), name), text, dialect)
                if error is None:
                    run.dialect = name
                    return tree
        return None

    def _tree(
        self, piece: Piece, text: str, dialect: Dialect | None = None
    ) -> tuple[exp.Expr | None, tuple[int, str] | None]:
        """Returns the parser's tree, or the line and text of its error."""
        parser = (dialect or self._dialect).parser(error_level=ErrorLevel.IGNORE)
        try:
            trees = parser.parse(list(piece.tokens), text)
        except (SqlglotError, ValueError, TypeError, AttributeError, LookupError) as err:
            return None, (piece.line, f"the parser stops at it ({type(err).__name__})")
        if parser.errors:
            first = parser.errors[0].errors[0]
            message = str(first.get("description")).partition("<Token")[0].strip()
            return None, (int(first.get("line") or piece.line), message)
        tree = trees[0] if trees else None
        if isinstance(tree, exp.Command):
            return None, (piece.line, f"the parser does not know this form of {str(tree.this).upper()}")
        if self._is_batch and tree is not None and "#" in text:
            tree = marked_again(tree)
        return tree, None


def _say(run: Pass, code: str, message: str) -> str:
    run.gathered = Gathered(problems=run.gathered.problems)
    run.report("limit" if code == "limit" else "unsupported", message)
    return "unparsed"
