"""The catalog over HTTP: GraphQL, OpenLineage events, health. What it answers is decided by the questions, not here."""
