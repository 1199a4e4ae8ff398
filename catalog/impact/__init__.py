"""Impact: what a proposed change would do."""
