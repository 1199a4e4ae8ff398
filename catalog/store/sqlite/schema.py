"""The tables of the SQLite store, and how older ones become newer.

Names stand percent-encoded, as in urns, so that any text fits. Kinds and types are small numbers, given out by the tables
`kinds` and `types`, which are filled from the model.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from catalog.model.edges import BY_TYPE
from catalog.model.nodes import BY_KIND

VERSION: Final = 2
"""`PRAGMA user_version` of a store that this program writes."""

APPLICATION_ID: Final = 0x48574154
"""`PRAGMA application_id`: tells our files from other people's databases."""

_TABLES: Final = """\
-- What the store keeps of itself: the state of the log's tree.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE kinds (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE types (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);

-- The log: headers, and bodies as compressed canonical lines.
CREATE TABLE commits (
  seq INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  actor TEXT NOT NULL,
  source TEXT NOT NULL,
  counts TEXT NOT NULL,
  body_root TEXT NOT NULL,
  log_root TEXT NOT NULL,
  lines INTEGER NOT NULL,
  body BLOB NOT NULL
);

-- Scopes by path; below `a` are the paths from `a/` to `a0`, which is the sign after the stroke.
CREATE TABLE scopes (id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, history TEXT NOT NULL);

-- How edges are said: by which scope, with which standing (-1 - standing if it is denied), and what of them is no free text.
CREATE TABLE manners (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  said INTEGER NOT NULL,
  subtype TEXT NOT NULL,
  exactness TEXT NOT NULL,
  masking INTEGER NOT NULL,
  UNIQUE (scope, said, subtype, exactness, masking)
);

-- Claims. About a node: `type` is null. About an edge: `node` is its start, `target` its end, `said` the standing of the
-- scope (-1 - standing if it denies), `manner` the row of `manners`. `spans` and `deltas` are JSON; an origin of 0 in `deltas` means the one in `origin`.
CREATE TABLE claims (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  fact BLOB NOT NULL,
  node INTEGER NOT NULL,
  type INTEGER,
  target INTEGER,
  said INTEGER,
  deltas TEXT NOT NULL,
  spans TEXT NOT NULL,
  origin TEXT,
  body TEXT NOT NULL,
  manner INTEGER
);
CREATE UNIQUE INDEX claims_fact ON claims (scope, fact);
CREATE INDEX claims_node ON claims (node) WHERE type IS NULL;
CREATE INDEX claims_void ON claims (id) WHERE spans = '[]';

-- Nodes with merged properties. `known`: 1 if claims mention it, 2 if a list of columns or a column implies it, 0 if all of
-- that was taken back. `described`: 2 if a claim about it holds, 1 if one did, 0 if none ever did.
CREATE TABLE nodes (
  id INTEGER PRIMARY KEY,
  uid BLOB NOT NULL UNIQUE,
  kind INTEGER NOT NULL,
  namespace TEXT NOT NULL,
  name TEXT NOT NULL,
  rest TEXT NOT NULL,
  known INTEGER NOT NULL,
  described INTEGER NOT NULL,
  begins INTEGER,
  properties TEXT NOT NULL,
  tokens TEXT NOT NULL
);
CREATE INDEX nodes_kind ON nodes (kind, uid) WHERE known > 0;
CREATE INDEX nodes_name ON nodes (name, namespace, kind);

-- Merged values of the indexed fields.
CREATE TABLE lookups (
  field TEXT NOT NULL,
  value TEXT NOT NULL,
  node INTEGER NOT NULL,
  PRIMARY KEY (field, value, node)
) WITHOUT ROWID;
CREATE INDEX lookups_node ON lookups (node);

CREATE VIRTUAL TABLE words USING fts5 (
  tokens, content = 'nodes', content_rowid = 'id', tokenize = 'ascii', detail = 'none', columnsize = 0
);

-- Edges that hold, readable from both ends without touching a claim. Claim and manner 0: derived, no source stated it.
CREATE TABLE edges (
  start_node INTEGER NOT NULL,
  type INTEGER NOT NULL,
  end_node INTEGER NOT NULL,
  claim INTEGER NOT NULL,
  said INTEGER NOT NULL,
  since INTEGER NOT NULL,
  manner INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (start_node, type, end_node, claim)
) WITHOUT ROWID;
CREATE INDEX edges_end ON edges (end_node, type, start_node, claim, said, since, manner);

-- Intervals of edges that ended.
CREATE TABLE closed_edges (
  start_node INTEGER NOT NULL,
  type INTEGER NOT NULL,
  end_node INTEGER NOT NULL,
  claim INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  said INTEGER NOT NULL,
  manner INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (start_node, type, end_node, claim, since)
) WITHOUT ROWID;
CREATE INDEX closed_edges_end ON closed_edges (end_node, type, start_node, claim, since, until, said, manner);

-- When a column was missing from the list in force. `until` is null while it is.
CREATE TABLE absences (
  node INTEGER NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  PRIMARY KEY (node, since)
) WITHOUT ROWID;
"""

_MANNERS: Final = """\
CREATE TABLE manners (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL,
  said INTEGER NOT NULL,
  subtype TEXT NOT NULL,
  exactness TEXT NOT NULL,
  masking INTEGER NOT NULL,
  UNIQUE (scope, said, subtype, exactness, masking)
);
CREATE TEMP TABLE said_how AS
SELECT id AS claim, scope, said, coalesce(json_extract(body, '$.props.subtype'), '') AS subtype,
  coalesce(json_extract(body, '$.props.exactness'), 'exact') AS exactness,
  coalesce(json_extract(body, '$.props.masking'), 0) AS masking
FROM claims WHERE type IS NOT NULL;
INSERT INTO manners (scope, said, subtype, exactness, masking)
SELECT DISTINCT scope, said, subtype, exactness, masking FROM said_how;
ALTER TABLE claims ADD COLUMN manner INTEGER;
ALTER TABLE edges ADD COLUMN manner INTEGER NOT NULL DEFAULT 0;
ALTER TABLE closed_edges ADD COLUMN manner INTEGER NOT NULL DEFAULT 0;
UPDATE claims SET manner = m.id FROM said_how h JOIN manners m USING (scope, said, subtype, exactness, masking)
WHERE claims.id = h.claim;
UPDATE edges SET manner = c.manner FROM claims c WHERE c.id = edges.claim;
UPDATE closed_edges SET manner = c.manner FROM claims c WHERE c.id = closed_edges.claim;
DROP TABLE said_how;
DROP INDEX edges_end;
CREATE INDEX edges_end ON edges (end_node, type, start_node, claim, said, since, manner);
DROP INDEX closed_edges_end;
CREATE INDEX closed_edges_end ON closed_edges (end_node, type, start_node, claim, since, until, said, manner);
"""

UPGRADES: Final[Mapping[int, str]] = {1: _MANNERS}
"""By version, the statements that lead to the next one."""


def seeds() -> str:
    """Returns the statements that number kinds and types; harmless if run again."""
    return _numbered("kinds", BY_KIND) + _numbered("types", BY_TYPE)


def ddl() -> str:
    """Returns the statements that make an empty store."""
    return f"{_TABLES}\n{seeds()}"


def _numbered(table: str, names: Iterable[str]) -> str:
    return "".join(f"INSERT OR IGNORE INTO {table} (name) VALUES ('{name}');\n" for name in names)
