"""Estates that are made up from a seed, for every reader, with the truth known from how they were made."""
