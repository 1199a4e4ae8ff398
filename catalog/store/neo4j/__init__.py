"""The store on a Neo4j 5 server: the one door to the driver.

How the graph lies in the database, for those who read it with Cypher:

- `(:Headwater:KIND {uid, urn, kind, namespace, name, ...})`: a node with its merged properties. Only `uid` is unique.
- `-[:TYPE {claim, scope, fact, standing, since, until, ...}]->`: one claim that holds now, with the properties of the edge.
  `-[:TYPE_PAST]->`: one that does not hold any more. `since` and `until` are the intervals as instants; an open one has no until.
- `(:Claim {claim, scope, fact, said, since, until})-[:ABOUT]->(node)`: what one scope says of a node, as JSON text.
- `(:Withdrawn)`: claims that were taken back and never held; the ledger needs them, no answer shows them.
- `(:Scope {path, history})`, `(:Commit {seq, ...})`, `(:Head)`: scopes, the log, and the lock that writers take first.
"""

from catalog.store.neo4j.schema import ddl
from catalog.store.neo4j.store import Neo4jStore

__all__ = ["Neo4jStore", "ddl"]
