"""The published contract under `schema/` and the generated pages under `docs/`: text from classes, checked for drift.

`python -m catalog.publish` writes, `--check` fails on a difference. Knows everything and is known by nobody.
"""
