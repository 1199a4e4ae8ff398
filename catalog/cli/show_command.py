"""`headwater show`: one thing, with all that is said about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import click

from catalog.cli.options import as_of_option, format_option, output_option

_TIES: Final[Mapping[str, str]] = {
    "owners": "owners", "terms": "terms", "broader": "broader", "narrower": "narrower", "related": "related",
    "meantBy": "meant by", "tags": "tags", "partOf": "partOf", "coveredBy": "coveredBy", "versions": "versions",
    "aliases": "aliases",
}  # fmt: skip
_MAX_CHARS: Final = 200
_RECORDING: Final = "headwater_recording"
"""Facet of `catalog.recorder`."""
_VERDICT: Final = {True: "pass", False: "FAIL", None: "?   "}


@click.command("show")
@click.argument("ref")
@click.option("--history", is_flag=True, help="Closed claims too.")
@as_of_option
@format_option()
@output_option
@click.pass_context
def command(ctx: click.Context, ref: str, history: bool, as_of: int | None, format_: str, output: str | None) -> None:
    """Shows one thing: what it is, who says so, its columns, owners, terms, versions and checks.

    A thing that is closed now is still found, and says since when.
    """
    from catalog.cli.asking import ask
    from catalog.model.instants import Instant
    from catalog.show import show

    at = None if as_of is None else Instant(as_of)
    ask(
        ctx,
        lambda bench, store, refs: show(
            store, refs, refs.parse(ref), at, history=history, rules=bench.project.propagation
        ),
        format_,
        output,
        {"text": lambda data: "\n".join(_lines(data))},
    )


def _lines(data: Mapping[str, Any]) -> Iterator[str]:
    node = data["node"]
    closed = f"  closed since {node['closedSince']}" if node["closedSince"] else ""
    yield f"{node['ref']}  ({node['kind']}){closed}"
    for name, value in node["properties"].items():
        if name != "columns":
            yield f"  {name}: {_brief(value)}"
    yield from _steps(node["properties"].get("facets") or ())
    if data["columns"]:
        yield "columns"
        width = max(len(column["ref"].partition("#")[2]) for column in data["columns"])
        for column in data["columns"]:
            name = column["ref"].partition("#")[2]
            yield f"  {name:<{width}}  {column.get('dataType', ''):<16} {_brief(column.get('description', ''))}".rstrip()
    for name, title in _TIES.items():
        if data.get(name):
            yield title
            yield from map(_tie, data[name])
    if data["derived"]:
        yield "labels by lineage"
        for one in data["derived"]:
            yield f"  {one['ref']}  ({one['carried']}, {one['exactness']}, from {one['from']})"
    if data["checks"]:
        yield "checks"
        yield from (f"  {_VERDICT[c['success']]}  {c['at']}  {c['check']}" for c in data["checks"])
    yield "said by"
    yield from map(_claim, data["claims"])


def _steps(facets: Iterable[str]) -> Iterator[str]:
    """Yields the steps of a recorded run, each with its rows before and after."""
    for facet in map(json.loads, facets):
        value = facet.get("value")
        steps = value.get("steps") if facet.get("facet") == _RECORDING and isinstance(value, dict) else None
        for number, step in enumerate(steps if isinstance(steps, list) else ()):
            if number == 0:
                yield "steps"
            if isinstance(step, dict):
                rows = f"{step.get('rows_before', '?')} -> {step.get('rows_after', '?')} rows"
                yield f"  {_brief(step.get('name', ''))}  {rows}"


def _tie(tie: Mapping[str, Any]) -> str:
    said = ", ".join(str(tie[key]) for key in ("role", "subtype", "status") if tie.get(key))
    return f"  {tie['ref']}" + (f"  [{said}]" if said else "")


def _claim(claim: Mapping[str, Any]) -> str:
    until = f" until {claim['until']}" if claim["until"] else ""
    return f"  {claim['source']}  {claim['origin'] or '-'}  since {claim['since']}{until}"


def _brief(value: Any) -> str:
    text = " ".join(str(value).split()) if not isinstance(value, list) else ", ".join(map(str, value))
    return text if len(text) <= _MAX_CHARS else text[: _MAX_CHARS - 1] + "…"
