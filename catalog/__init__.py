"""Headwater: a metadata catalog that is a property graph."""
