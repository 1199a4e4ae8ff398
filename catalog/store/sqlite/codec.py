"""How spans and deltas stand in a row. Most claims of a scope share theirs, so both ways are remembered."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final

from catalog.model.instants import Instant
from catalog.store.claims import Delta, Kept
from catalog.store.port import Span

VOID: Final = "[]"
"""The spans of a claim that never held: all that listed it was taken back."""

_SAME: Final = 0
"""Stands for the origin of a delta that is the claim's own."""


@lru_cache(maxsize=65536)
def write_spans(spans: tuple[Span, ...]) -> str:
    return json.dumps(spans, separators=(",", ":"))


@lru_cache(maxsize=65536)
def read_spans(text: str) -> tuple[Span, ...]:
    return tuple((Instant(since), until) for since, until in json.loads(text))


def write_deltas(deltas: Sequence[Delta], origin: str | None) -> str:
    if len(deltas) == 1 and deltas[0].added and deltas[0].origin == origin:
        return f"[[{deltas[0].snapshot},1,0]]"
    rows = [[d.snapshot, int(d.added), _SAME if d.origin == origin else d.origin] for d in deltas]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=4096)
def read_deltas(text: str, origin: str | None) -> tuple[Delta, ...]:
    return tuple(Delta(at, added == 1, origin if said == _SAME else said) for at, added, said in _rows(text))


def read_kept(deltas: str, spans: str, origin: str | None) -> Kept:
    return Kept(read_deltas(deltas, origin), read_spans(spans))


@lru_cache(maxsize=4096)
def _rows(text: str) -> tuple[tuple[Any, ...], ...]:
    return tuple(map(tuple, json.loads(text)))


def ids_json(ids: Iterable[int]) -> str:
    """Returns node ids as one parameter, for `json_each`."""
    return json.dumps(list(ids), separators=(",", ":"))
