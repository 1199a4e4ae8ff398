"""JSON and YAML of others, read into plain values within limits; nothing of them is run."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from catalog.model.errors import LimitError, SourceError
from catalog.model.ingest import Limits

_MAX_INT: Final = 2**53 - 1
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_SAFE: Final = re.compile("[\ud800-\udfff]")
_INT: Final = re.compile(r"0|-?[1-9][0-9]{0,14}")
_WORDS: Final[dict[str, Any]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_TAGS: Final = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq", "timestamp")
)
_TEXT: Final = "tag:yaml.org,2002:str"
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def clean(text: str) -> str:
    """Returns the text with each lone surrogate replaced: text that every store can keep."""
    return text if text.isascii() else _SAFE.sub("\ufffd", text)


# --- JSON -----------------------------------------------------------------------------------------------------------


def json_value(text: str, place: str, depth: int = 100) -> Any:
    """Returns the value of a JSON text.

    Of equal keys the last wins, lone surrogates are replaced, whole numbers over 2**53 - 1 and numbers too large for a
    float come as text.

    Raises:
        SourceError: it is no JSON (NaN and Infinity are none), or deeper than `depth`.
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant, parse_int=_whole, parse_float=_float)
    except json.JSONDecodeError as err:
        raise SourceError(
            f"{place}:{err.lineno}:{err.colno}", f"is no JSON: {err.msg}", "Write the file again, or correct it."
        ) from err
    except ValueError as err:
        raise SourceError(place, f"is no JSON: {err}", "Write the file again, or correct it.") from err
    except RecursionError as err:
        raise _too_deep(place, depth) from err
    _check_depth(value, place, depth)
    return _cleaned(value) if _SURROGATE.search(text) else value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no value of it")


def _whole(digits: str) -> int | str:
    if len(digits) <= 15:
        return int(digits)
    return digits if len(digits) > 17 or abs(int(digits)) > _MAX_INT else int(digits)


def _float(digits: str) -> float | str:
    value = float(digits)
    return digits if value in (float("inf"), float("-inf")) else value


def _too_deep(place: str, depth: int) -> LimitError:
    return LimitError(
        place, f"is nested deeper than {depth}", "Flatten it; no tool that is read here writes such a file."
    )


def _children(value: Any) -> Iterator[Any]:
    return iter(value.values() if type(value) is dict else value)


def _check_depth(value: Any, place: str, depth: int) -> None:
    level = [value] if type(value) in (dict, list) else []
    for _ in range(depth):
        level = [child for outer in level for child in _children(outer) if type(child) is dict or type(child) is list]
        if not level:
            return
    raise _too_deep(place, depth)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


# --- YAML -----------------------------------------------------------------------------------------------------------


def yaml_value(text: str, place: str, limits: Limits | None = None) -> Any:
    """Returns the value of a YAML text of one document; None for an empty one.

    A plain scalar is null, true, false or a whole number of up to 15 digits without leading zeros; any other is text as
    written (`1.10`, `2026-03-01`, `0123e5`, `NO`, `010`): no version, digest or country is taken for something else.
    Keys are texts. Merge keys (`<<`) work.

    Raises:
        SourceError: it is no YAML, holds several documents, a key twice, or a tag other than those of JSON's types.
        LimitError: it is deeper or, with each alias written out, has more nodes than the limits.
    """
    build = _Build(place, limits or Limits())
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            build.take(event)
    except yaml.YAMLError as err:
        at = f"{place}:{_place_of(err, text)}"
        why = getattr(err, "problem", None) or str(err).splitlines()[0]
        raise SourceError(at, f"is no YAML: {why}", "Write the file again, or correct it.") from err
    return build.value


def _place_of(err: yaml.YAMLError, text: str) -> str:
    mark = getattr(err, "problem_mark", None)
    if mark:
        return f"{mark.line + 1}:{mark.column + 1}"
    before = text.encode()[: getattr(err, "position", 0)].decode("utf-8", "replace")
    return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"


class _Merge:
    """The key `<<`."""


_MERGE: Final = _Merge()
_ABSENT: Final = object()


@dataclass(slots=True)
class _Open:
    """A list or mapping that is being read; `before` is the number of nodes when it began."""

    value: Any
    anchor: str | None
    before: int
    key: Any = _ABSENT
    own: set[str] = field(default_factory=set)


class _Build:
    """Makes a value of YAML events, counting as it goes."""

    def __init__(self, place: str, limits: Limits) -> None:
        self.value: Any = None
        self._place, self._limits = place, limits
        self._open: list[_Open] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._nodes = 0
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._count(event, 1)
            self._add(event, self._scalar(event), event.anchor, 1)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._begin(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self._open.pop()
            self._add(event, done.value, done.anchor, self._nodes - done.before)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            self._anchors.clear()
            if self._documents > 1:
                raise self._error(event, "holds several documents", "Write one document in a file.")

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        self._count(event, 1)
        self._check_tag(event)
        if len(self._open) >= self._limits.depth:
            raise _too_deep(self._at(event), self._limits.depth)
        self._anchors.pop(event.anchor or "", None)
        self._open.append(_Open({} if isinstance(event, yaml.MappingStartEvent) else [], event.anchor, self._nodes - 1))

    def _alias(self, event: yaml.AliasEvent) -> None:
        known = self._anchors.get(event.anchor or "")
        if known is None:
            raise self._error(
                event, f"the alias {event.anchor!r} names nothing that is complete", "Write its value out."
            )
        self._count(event, known[1])
        self._add(event, known[0], None, known[1])

    def _add(self, event: yaml.Event, value: Any, anchor: str | None, size: int) -> None:
        if anchor is not None:
            self._anchors[anchor] = (value, size)
        if not self._open:
            self.value = None if value is _MERGE else value
            return
        top = self._open[-1]
        if isinstance(top.value, list):
            top.value.append("<<" if value is _MERGE else value)
        elif top.key is _ABSENT:
            top.key = value if value is _MERGE else self._key(event, value, top)
        else:
            key, top.key = top.key, _ABSENT
            self._put(event, top, key, value)

    def _key(self, event: yaml.Event, value: Any, top: _Open) -> str:
        if isinstance(value, (dict, list)):
            raise self._error(event, "a key is a list or a mapping", "Write a text.")
        key = value if isinstance(value, str) else str(getattr(event, "value", value))
        if key in top.own:
            raise self._error(event, f"the key {key!r} is there twice", "Remove one of the two.")
        top.own.add(key)
        return key

    def _put(self, event: yaml.Event, top: _Open, key: Any, value: Any) -> None:
        if key is not _MERGE:
            top.value[key] = "<<" if value is _MERGE else value
            return
        for other in value if isinstance(value, list) else [value]:
            if not isinstance(other, dict):
                raise self._error(event, "'<<' merges something that is no mapping", "Merge mappings alone.")
            for inner, item in other.items():
                top.value.setdefault(inner, item)

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        self._check_tag(event)
        if event.tag == _TEXT or not event.implicit[0]:
            return clean(event.value)
        if event.value == "<<":
            return _MERGE
        if event.value in _WORDS:
            return _WORDS[event.value]
        return int(event.value) if _INT.fullmatch(event.value) else clean(event.value)

    def _check_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.tag is not None and event.tag not in _TAGS and event.tag != "!":
            raise self._error(event, f"the tag {event.tag!r} is not read", "Write plain values.")

    def _count(self, event: yaml.Event, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > self._limits.yaml_nodes:
            raise LimitError(
                self._at(event), f"has more than {self._limits.yaml_nodes} nodes, aliases written out", "Split it."
            )

    def _at(self, event: yaml.Event) -> str:
        mark = event.start_mark
        return f"{self._place}:{mark.line + 1}:{mark.column + 1}" if mark else self._place

    def _error(self, event: yaml.Event, problem: str, remedy: str) -> SourceError:
        return SourceError(self._at(event), problem, remedy)
