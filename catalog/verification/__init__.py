"""Verification: whether bytes are still those that were recorded."""
