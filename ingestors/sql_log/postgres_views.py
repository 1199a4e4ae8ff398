"""View definitions out of PostgreSQL's catalog: `pg_views`, `pg_matviews` or `information_schema.views` as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from catalog.model.facts import Origin, Skip
from catalog.model.ingest import Context
from ingestors.reading import Malformed, Reader
from ingestors.sql_log.events import End, Message
from ingestors.sql_log.rows import lowered, pick
from ingestors.sql_log.splitting import split

_DATABASE: Final = ("datname", "table_catalog", "database")
_SCHEMA: Final = ("schemaname", "table_schema", "schema", "nspname")
_NAME: Final = ("name", "viewname", "matviewname", "table_name", "relname")
_DEFINITION: Final = ("definition", "view_definition", "pg_get_viewdef")


def view_events(pattern: str, dialect: str | None, context: Context) -> Iterator[Message | End | Skip]:
    """Yields each view as the statement that would make it."""
    reader = Reader(context)
    for path in reader.paths(pattern):
        label = reader.label(path)
        at = context.at if context.at is not None else reader.modified(path)
        for place, record in reader.records(path):
            origin = Origin(label, f"record {place}")
            fields = lowered(record)
            name, definition = pick(fields, _NAME), pick(fields, _DEFINITION)
            problem = record.problem if isinstance(record, Malformed) else None
            if problem is None and not (name and definition):
                problem = "names no view or no definition"
            elif problem is None and len(list(split(definition, dialect))) != 1:
                problem = "has a definition of more than one statement"
            if problem is not None:
                yield Skip("unreadable", f"a record of the views {problem}", origin)
                continue
            text = _statement(fields, pick(fields, _SCHEMA), name, definition)
            yield Message(text, at, origin, label, pick(fields, _DATABASE) or None)
        yield End(label)


def _statement(fields: dict[str, str], schema: str, name: str, definition: str) -> str:
    kind = pick(fields, ("kind", "relkind", "type")).lower()
    what = "materialized view" if kind.startswith("m") or fields.get("matviewname") else "view"
    title = ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in (schema, name) if part)
    return f"create {what} {title} as\n{definition.strip().rstrip(';')}"
