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

INSERT OR IGNORE INTO kinds (name) VALUES ('dataset');
INSERT OR IGNORE INTO kinds (name) VALUES ('column');
INSERT OR IGNORE INTO kinds (name) VALUES ('job');
INSERT OR IGNORE INTO kinds (name) VALUES ('query');
INSERT OR IGNORE INTO kinds (name) VALUES ('feature');
INSERT OR IGNORE INTO kinds (name) VALUES ('featureview');
INSERT OR IGNORE INTO kinds (name) VALUES ('featureservice');
INSERT OR IGNORE INTO kinds (name) VALUES ('model');
INSERT OR IGNORE INTO kinds (name) VALUES ('endpoint');
INSERT OR IGNORE INTO kinds (name) VALUES ('exposure');
INSERT OR IGNORE INTO kinds (name) VALUES ('metric');
INSERT OR IGNORE INTO kinds (name) VALUES ('check');
INSERT OR IGNORE INTO kinds (name) VALUES ('policy');
INSERT OR IGNORE INTO kinds (name) VALUES ('contract');
INSERT OR IGNORE INTO kinds (name) VALUES ('agent');
INSERT OR IGNORE INTO kinds (name) VALUES ('domain');
INSERT OR IGNORE INTO kinds (name) VALUES ('tag');
INSERT OR IGNORE INTO kinds (name) VALUES ('run');
INSERT OR IGNORE INTO kinds (name) VALUES ('datasetversion');
INSERT OR IGNORE INTO kinds (name) VALUES ('fileentry');
INSERT OR IGNORE INTO kinds (name) VALUES ('modelversion');
INSERT OR IGNORE INTO kinds (name) VALUES ('codeversion');
INSERT OR IGNORE INTO kinds (name) VALUES ('environment');
INSERT OR IGNORE INTO kinds (name) VALUES ('checkresult');
INSERT OR IGNORE INTO kinds (name) VALUES ('prediction');
INSERT OR IGNORE INTO kinds (name) VALUES ('explanation');
INSERT OR IGNORE INTO kinds (name) VALUES ('report');
INSERT OR IGNORE INTO kinds (name) VALUES ('consent');
INSERT OR IGNORE INTO kinds (name) VALUES ('incident');
INSERT OR IGNORE INTO kinds (name) VALUES ('decision');
INSERT OR IGNORE INTO kinds (name) VALUES ('skipped');
INSERT OR IGNORE INTO kinds (name) VALUES ('glossary');
INSERT OR IGNORE INTO kinds (name) VALUES ('term');
INSERT OR IGNORE INTO types (name) VALUES ('DERIVES_FROM');
INSERT OR IGNORE INTO types (name) VALUES ('COMPUTED_FROM');
INSERT OR IGNORE INTO types (name) VALUES ('USES_FEATURE');
INSERT OR IGNORE INTO types (name) VALUES ('INFLUENCED_BY');
INSERT OR IGNORE INTO types (name) VALUES ('DEPENDS_ON');
INSERT OR IGNORE INTO types (name) VALUES ('READS');
INSERT OR IGNORE INTO types (name) VALUES ('PRODUCED_BY');
INSERT OR IGNORE INTO types (name) VALUES ('USED');
INSERT OR IGNORE INTO types (name) VALUES ('GENERATED_BY');
INSERT OR IGNORE INTO types (name) VALUES ('TRAINED_ON');
INSERT OR IGNORE INTO types (name) VALUES ('SERVES');
INSERT OR IGNORE INTO types (name) VALUES ('PREDICTED_BY');
INSERT OR IGNORE INTO types (name) VALUES ('HAS_COLUMN');
INSERT OR IGNORE INTO types (name) VALUES ('VERSION_OF');
INSERT OR IGNORE INTO types (name) VALUES ('RUN_OF');
INSERT OR IGNORE INTO types (name) VALUES ('PART_OF');
INSERT OR IGNORE INTO types (name) VALUES ('ALIAS_OF');
INSERT OR IGNORE INTO types (name) VALUES ('SAME_CONTENT');
INSERT OR IGNORE INTO types (name) VALUES ('MEANS');
INSERT OR IGNORE INTO types (name) VALUES ('BROADER');
INSERT OR IGNORE INTO types (name) VALUES ('RELATED');
INSERT OR IGNORE INTO types (name) VALUES ('OWNED_BY');
INSERT OR IGNORE INTO types (name) VALUES ('TAGGED');
INSERT OR IGNORE INTO types (name) VALUES ('CHECKS');
INSERT OR IGNORE INTO types (name) VALUES ('RESULT_OF');
INSERT OR IGNORE INTO types (name) VALUES ('EVALUATED_ON');
INSERT OR IGNORE INTO types (name) VALUES ('COVERED_BY');
INSERT OR IGNORE INTO types (name) VALUES ('CONCERNS');
INSERT OR IGNORE INTO types (name) VALUES ('AT_COMMIT');
INSERT OR IGNORE INTO types (name) VALUES ('EXECUTED_IN');
INSERT OR IGNORE INTO types (name) VALUES ('SELECTS');
