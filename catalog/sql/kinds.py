"""The kinds of statements: what each does to tables. One row of `KINDS` for each class of the parser's tree."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from sqlglot import exp

from catalog.sql.columns import alias_key, output_name
from catalog.sql.creating import create
from catalog.sql.expressions import sources_of
from catalog.sql.from_items import find_table
from catalog.sql.modifying import evaluate_modification
from catalog.sql.names import identifier_name, split_name
from catalog.sql.queries import add_ctes, evaluate
from catalog.sql.relations import Output, Relation, relation
from catalog.sql.results import Table
from catalog.sql.scopes import Pass, Scope
from catalog.sql.storing import store_query
from catalog.sql.tables import is_marked, is_named, table_parts
from catalog.sql.targets import listed_columns, placed, put, target_of

Handler = Callable[[exp.Expr, Pass], str]
"""Fills what the pass gathers, changes the session's tables, and returns the statement's kind."""


def apply(node: exp.Expr, run: Pass) -> str:
    """Evaluates one parsed statement."""
    for cls in type(node).__mro__:
        if cls in KINDS:
            return KINDS[cls](node, run)
    run.report("unsupported", f"a statement of kind {node.key!r} is not understood", node)
    return "other"


def _select(node: exp.Expr, run: Pass) -> str:
    named = node.args.get("into") if not isinstance(node, exp.Pivot) else None  # UNPIVOT's names columns
    into = named if _stores(run) else None
    answer = evaluate(node, Scope(run))
    if named is not None and (into is None or not is_named(into.this) or _is_variable(into.this)):
        return "select"  # the answer goes to variables
    if into is not None and isinstance(into.this, exp.Table):
        temporary = bool(into.args.get("temporary")) or is_marked((into.this.name,))
        store_query(into.this, answer, (), run, temporary=temporary)
        return "select_into"
    if _swaps_partitions(node, run):
        return "swap"
    run.gathered.puts += [((), output) for output in answer.outputs]
    run.gathered.rows[()] = answer.rows
    return "select"


def _swaps_partitions(node: exp.Expr, run: Pass) -> bool:
    """Vertica: SELECT SWAP_PARTITIONS_BETWEEN_TABLES('stage', first, last, 'target')."""
    call = node.expressions[0] if isinstance(node, exp.Select) and len(node.expressions) == 1 else None
    if not isinstance(call, exp.Anonymous) or call.name.lower() != "swap_partitions_between_tables":
        return False
    texts = [item.name for item in call.expressions if isinstance(item, exp.Literal)]
    if len(texts) != 4:
        return False
    stage, target = (run.tables.name([(part, False) for part in split_name(texts[at])]) for at in (0, 3))
    run.gathered.read(stage)
    run.gathered.writes[target] = None
    return True


def _is_variable(table: exp.Table) -> bool:
    return isinstance(table.this, exp.Parameter)


def _stores(run: Pass) -> bool:
    """Whether SELECT INTO makes a table: in the body of a routine it fills variables, but in T-SQL."""
    return not run.in_body or run.dialect in ("tsql", "fabric")


def _modify(kind: str) -> Handler:
    def handler(node: exp.Expr, run: Pass) -> str:
        returning = node.args.get("returning")
        if returning is not None and not returning.args.get("into") and returning.find(exp.Query) is None:
            node.set("returning", None)  # what it gives back goes to no table
        evaluate_modification(node, Scope(run))
        return kind

    return handler


def _insert_many(node: exp.Expr, run: Pass) -> str:
    """INSERT ALL and FIRST, and Hive's FROM .. INSERT .. INSERT."""
    scope = Scope(run)
    if node.args.get("with_") is not None:
        add_ctes(node.args["with_"], scope)
    source = node.args["source"]
    answer = evaluate(source, Scope(run, None, scope.ctes))
    alias = source.args.get("alias")
    for branch in node.expressions:
        inside = Scope(
            run, None, scope.ctes, {alias_key(alias.this, scope) if alias is not None else "\0source": answer}
        )
        inside.rows = dict(answer.rows)
        _insert_branch(branch, answer, inside)
    return "insert"


def _insert_branch(branch: exp.Expr, answer: Relation, scope: Scope) -> None:
    insert = branch.this if isinstance(branch, exp.ConditionalInsert) else branch
    if isinstance(branch, exp.ConditionalInsert) and branch.args.get("expression") is not None:
        from catalog.sql import tags
        from catalog.sql.relations import merge_rows

        merge_rows(scope.rows, sources_of(branch.expression, scope), tags.FILTER)
    holder = insert.this
    table = holder.this if isinstance(holder, exp.Schema) else holder
    if not isinstance(table, exp.Table):
        return  # Hive: into files
    target = target_of(table, scope)
    body = insert.args.get("expression")
    if isinstance(body, exp.Values) and body.expressions:
        row = body.expressions[0]
        cells = row.expressions if isinstance(row, exp.Tuple) else [row]
        answer = relation(
            [Output(cell.output_name, sources_of(cell, scope), cell) for cell in cells],
            scope.run.rules.key,
            (),
            scope.rows,
        )
    elif isinstance(body, exp.Select):
        # Hive: the branch's SELECT has no FROM of its own.
        inside = Scope(scope.run, scope, scope.ctes)
        answer = evaluate(body, inside)
        answer.rows.update(scope.rows)
    put(target, placed(target, answer, listed_columns(holder, scope), scope, insert), answer.rows or scope.rows, scope)
    if insert.args.get("overwrite"):
        scope.run.gathered.emptied.append(target.table)


def _tables_of(node: exp.Expr) -> Sequence[exp.Table]:
    listed = node.args.get("tables") or node.expressions or ([node.this] if node.this is not None else [])
    return [table for table in listed if isinstance(table, exp.Table)]


def _drop(node: exp.Expr, run: Pass) -> str:
    if (node.args.get("kind") or "TABLE").upper() not in _RELATION_KINDS:
        return "drop_other"
    run.gathered.temporary |= bool(node.args.get("temporary"))
    for table in _tables_of(node):
        name = run.tables.name(table_parts(table))
        run.gathered.temporary |= run.tables.find(table_parts(table)).temporary
        run.gathered.dropped.append(name)
        run.gathered.writes[name] = None
        run.tables.drop(name)
    return "drop"


_RELATION_KINDS: Final = frozenset(
    {"TABLE", "VIEW", "MATERIALIZED VIEW", "EXTERNAL TABLE", "FOREIGN TABLE", "DYNAMIC TABLE"}
)


def _truncate(node: exp.Expr, run: Pass) -> str:
    for table in _tables_of(node):
        target = target_of(table, Scope(run))
        put(target, (), {}, Scope(run))
        if not node.args.get("partition"):
            run.gathered.emptied.append(target.table)
    return "truncate"


def _copy(node: exp.Expr, run: Pass) -> str:
    """COPY t FROM a file writes t; COPY t or a query TO a file reads it."""
    holder = node.this
    files = [file for file in node.args.get("files") or () if isinstance(file, exp.Expr)]
    table = holder.this if isinstance(holder, exp.Schema) else holder
    if is_named(table) and node.args.get("kind"):
        target = target_of(table, Scope(run))
        queries = [file for file in files if isinstance(file, (exp.Query, exp.Subquery))]
        for query in queries:
            answer = evaluate(query, Scope(run))
            scope = Scope(run)
            put(target, placed(target, answer, listed_columns(holder, scope), scope, node), answer.rows, scope)
        if not queries:
            put(target, (), {}, Scope(run))
        return "copy_in"
    for source in (holder, *files):
        _read_whole(source, run)
    return "copy_out"


def _read_whole(source: exp.Expr, run: Pass) -> None:
    if isinstance(source, exp.Schema):
        scope = Scope(run)
        found = find_table(source.this, scope)
        for name in listed_columns(source, scope):
            if found.table is not None:
                run.gathered.read_column(found.table, name)
    elif is_named(source):
        found = find_table(source, Scope(run))
        for output in found.outputs:
            for column in output.sources:
                run.gathered.read_column(*column)
        for opening in found.openings:
            run.gathered.reads[opening.table] = None
    elif isinstance(source, (exp.Query, exp.Subquery)):
        evaluate(source, Scope(run))


def _export(node: exp.Expr, run: Pass) -> str:
    _read_whole(node.this, run)
    return "copy_out"


def _load(node: exp.Expr, run: Pass) -> str:
    table = node.this.this if isinstance(node.this, exp.Schema) else node.this
    if isinstance(table, exp.Table):
        put(target_of(table, Scope(run)), (), {}, Scope(run))
    return "copy_in"


def _cache(node: exp.Expr, run: Pass) -> str:
    body = node.args.get("expression")
    if isinstance(body, exp.Query):
        store_query(node.this, evaluate(body, Scope(run)), (), run, temporary=True)
    return "cache"


def _use(node: exp.Expr, run: Pass) -> str:
    kind = node.args.get("kind")
    if isinstance(node.this, exp.Table) and (kind is None or kind.name.upper() in ("DATABASE", "SCHEMA", "CATALOG")):
        parts = [run.rules.table(*identifier_name(part)) for part in node.this.parts]
        run.tables.use(parts, kind.name.upper() if kind is not None else "")
    return "use"


def _transaction(node: exp.Expr, run: Pass) -> str:
    run.tables.begin()
    return "begin"


def _alter(node: exp.Expr, run: Pass) -> str:
    if not isinstance(node.this, exp.Table) or (node.args.get("kind") or "TABLE").upper() not in _RELATION_KINDS:
        return "alter_other"
    table = run.tables.name(table_parts(node.this))
    run.gathered.temporary |= run.tables.is_temporary(table)
    kinds = {_action(action, table, run) for action in node.args.get("actions") or ()}
    if kinds <= {""}:
        run.gathered.writes[table] = None
        return "alter"
    return next(kind for kind in ("create_view", "rename", "swap", "alter") if kind in kinds)


def _action(action: exp.Expr, table: Table, run: Pass) -> str:
    if isinstance(action, (exp.Query, exp.Subquery)):
        return _redefine(action, table, run)
    if isinstance(action, exp.AlterRename) and isinstance(action.this, exp.Table):
        rename(table, _beside(table, action.this, run), run)
        return "rename"
    if isinstance(action, exp.SwapTable):
        swap(table, run.tables.name(table_parts(action.this)), run)
        return "swap"
    run.gathered.writes[table] = None
    scope = Scope(run)
    if isinstance(action, exp.ColumnDef):
        run.tables.change_columns(table, [output_name(action.this, scope)], [], {})
    elif isinstance(action, exp.Drop) and (action.args.get("kind") or "").upper() == "COLUMN":
        listed = action.args.get("tables") or [action.this]
        run.tables.change_columns(table, [], [output_name(part.this, scope) for part in listed if part is not None], {})
    elif isinstance(action, exp.RenameColumn):
        old, new = output_name(action.this.this, scope), output_name(action.args["to"].this, scope)
        run.tables.change_columns(table, [], [], {run.rules.key(old): new})
    return "alter"


def _redefine(query: exp.Expr, table: Table, run: Pass) -> str:
    """ALTER VIEW .. AS."""
    named = exp.Table(this=exp.to_identifier(table[-1], quoted=True))
    for key, part in zip(("db", "catalog"), reversed(table[:-1]), strict=False):
        named.set(key, exp.to_identifier(part, quoted=True))
    store_query(named, evaluate(query, Scope(run)), (), run, temporary=False)
    return "create_view"


def _beside(table: Table, new: exp.Table, run: Pass) -> Table:
    """The new name of a table; a bare one stays in the table's schema."""
    parts = table_parts(new)
    if len(parts) == 1:
        return (*table[:-1], run.rules.table(*parts[0]))
    return run.tables.new_name(parts)


def rename(old: Table, new: Table, run: Pass) -> None:
    run.gathered.temporary |= run.tables.is_temporary(old)
    run.gathered.renamed.append((old, new))
    run.gathered.read(old)
    run.gathered.writes.update({old: None, new: None})
    run.tables.rename(old, new)


def swap(first: Table, second: Table, run: Pass) -> None:
    run.gathered.temporary |= run.tables.is_temporary(first) and run.tables.is_temporary(second)
    run.gathered.renamed += [(first, second), (second, first)]
    run.gathered.read(first)
    run.gathered.read(second)
    run.gathered.writes.update({first: None, second: None})
    run.tables.swap(first, second)


def _nothing(kind: str) -> Handler:
    def handler(node: exp.Expr, run: Pass) -> str:
        return kind

    return handler


def _block(node: exp.Expr, run: Pass) -> str:
    for statement in node.expressions:
        if statement is not None:
            apply(statement, run)
    return "block"


def _locking(node: exp.Expr, run: Pass) -> str:
    """Teradata: LOCKING .. FOR ACCESS before a statement."""
    return apply(node.expression, run)


def _declare(node: exp.Expr, run: Pass) -> str:
    """T-SQL: DECLARE @t TABLE (..) makes a table that ends with the batch."""
    for item in node.expressions:
        kind = item.args.get("kind")
        if isinstance(kind, exp.Schema):
            scope = Scope(run)
            outputs = [
                Output(output_name(part.this, scope), {})
                for part in kind.expressions
                if isinstance(part, exp.ColumnDef)
            ]
            names = [(f"@{variable.name}", True) for variable in item.this]
            for name in names:
                table = run.tables.new_name([name])
                run.tables.define(table, relation(outputs, run.rules.key), True, [name], ())
    return "other"


def _call(node: exp.Expr, run: Pass) -> str:
    texts = [item.name for item in node.expressions if isinstance(item, exp.Literal)]
    if node.this is not None and node.this.name.lower() == "sp_rename" and len(texts) == 2:
        old = run.tables.name([(part, False) for part in split_name(texts[0])])
        rename(old, (*old[:-1], run.rules.table(texts[1], False)), run)
        return "rename"
    run.report(
        "unsupported",
        f"what the procedure '{node.this.sql() if node.this is not None else ''}' does is not known",
        node,
    )
    return "call"


def _classes(*names: str) -> list[type[exp.Expr]]:
    return [getattr(exp, name) for name in names if hasattr(exp, name)]


KINDS: Final[dict[type, Handler]] = {
    exp.Query: _select,
    exp.Subquery: _select,
    exp.Pivot: _select,
    exp.Values: _select,
    exp.Create: create,
    exp.Insert: _modify("insert"),
    exp.Update: _modify("update"),
    exp.Delete: _modify("delete"),
    exp.Merge: _modify("merge"),
    exp.MultitableInserts: _insert_many,
    exp.Drop: _drop,
    exp.TruncateTable: _truncate,
    exp.Alter: _alter,
    exp.Copy: _copy,
    exp.Export: _export,
    exp.LoadData: _load,
    exp.Cache: _cache,
    exp.Use: _use,
    exp.Transaction: _transaction,
    exp.Block: _block,
    exp.LockingStatement: _locking,
    exp.Execute: _call,
    exp.Declare: _declare,
    **dict.fromkeys(
        _classes(
            "Set", "Describe", "Show", "Grant", "Revoke", "Comment", "Analyze", "Pragma", "Attach", "Detach", "Kill",
            "Uncache", "Refresh", "Summarize", "Undrop", "EndStatement", "Semicolon",
        ),
        _nothing("other"),
    ),
}  # fmt: skip
