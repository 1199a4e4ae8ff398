"""Constraints and indexes, derived from the classes of the model. Community features only."""

from __future__ import annotations

from typing import Final, LiteralString

from catalog.store.neo4j import cypher

SCHEMA_VERSION: Final = 1

_UNIQUE: Final = {
    "headwater_uid": ("Headwater", "uid"),
    "headwater_claim": ("Claim", "claim"),
    "headwater_withdrawn": ("Withdrawn", "claim"),
    "headwater_scope": ("Scope", "path"),
    "headwater_commit": ("Commit", "seq"),
    "headwater_head": ("Head", "name"),
}
_INDEXES: Final = {
    "headwater_kind": ("Headwater", ("kind", "uid")),
    "headwater_namespace": ("Headwater", ("kind", "namespace", "uid")),
    "headwater_name": ("Headwater", ("kind", "name", "uid")),
    "headwater_columns": ("Column", ("dataset",)),
    "headwater_claim_scope": ("Claim", ("scope", "fact")),
    "headwater_withdrawn_scope": ("Withdrawn", ("scope", "fact")),
}
_WORDS: Final = (
    "CREATE FULLTEXT INDEX headwater_words IF NOT EXISTS FOR (n:Headwater) ON EACH [n.kind, n.tokens]"
    " OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace', `fulltext.eventually_consistent`: false}}"
)


def definitions() -> dict[str, LiteralString]:
    """Returns the statements that create what the store needs, by the name of what they create. Each may run again."""
    made = {name: _unique(name, f"(n:{label})", f"n.{field}") for name, (label, field) in _UNIQUE.items()}
    made |= {name: _index(name, f"(n:{label})", "n", fields) for name, (label, fields) in _INDEXES.items()}
    for kind, field in cypher.LOOKUPS:
        name = f"headwater_{kind}_{field}"
        made[name] = _index(name, f"(n:{cypher.LABELS[kind]})", "n", (field, "uid"))
    for storage in cypher.STORAGES:
        word = storage.lower()
        made[f"headwater_{word}_claim"] = _unique(f"headwater_{word}_claim", f"()-[r:{storage}]-()", "r.claim")
        made[f"headwater_{word}_scope"] = _index(
            f"headwater_{word}_scope", f"()-[r:{storage}]-()", "r", ("scope", "fact")
        )
    made["headwater_words"] = _WORDS
    return {name: cypher.ours(text) for name, text in made.items()}


def _unique(name: str, pattern: str, field: str) -> str:
    return f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR {pattern} REQUIRE {field} IS UNIQUE"


def _index(name: str, pattern: str, variable: str, fields: tuple[str, ...]) -> str:
    return f"CREATE INDEX {name} IF NOT EXISTS FOR {pattern} ON ({', '.join(f'{variable}.{f}' for f in fields)})"


def ddl() -> str:
    """Returns all definitions as one Cypher script, for `schema/graph/constraints.cypher`."""
    return "".join(f"{text};\n" for text in definitions().values())
