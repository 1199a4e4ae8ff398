"""Provenance: what model versions and predictions stand on, as of their time."""
