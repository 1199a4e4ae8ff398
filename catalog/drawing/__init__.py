"""A lineage answer as a tree, as Mermaid, as DOT and as SVG. Pure functions of the answer's `data`; names are hostile text."""

from __future__ import annotations

from catalog.drawing.notations import dot, mermaid
from catalog.drawing.svg import svg
from catalog.drawing.tree import tree

__all__ = ["dot", "mermaid", "svg", "tree"]
