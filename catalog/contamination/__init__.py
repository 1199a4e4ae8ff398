"""Contamination: what stands on data that was wrong for a time."""
