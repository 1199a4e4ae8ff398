"""Options that several commands have, and delivery of answers. Imports Click alone, so that every `--help` is quick."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

if TYPE_CHECKING:
    TimeType = click.ParamType[int]
else:
    TimeType = click.ParamType  # generic only in late versions of Click


class AsOf(TimeType):
    """A time of a question: a bare date means its end, in UTC."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        from catalog.model.instants import parse_as_of

        return value if isinstance(value, int) else parse_as_of(value)


as_of_option = click.option(
    "--as-of",
    type=AsOf(),
    metavar="TIME",
    help="The world at this time: 2026-03-31 (its end, UTC) or 2026-03-31T08:00:00Z.",
)

output_option = click.option("-o", "--output", metavar="FILE", help="Write the answer to a file instead of stdout.")


def format_option(*more: str) -> Callable[[F], F]:
    """Returns `--format` with text, json and what else a command can write."""
    return click.option(
        "-f",
        "--format",
        "format_",
        type=click.Choice(["text", "json", *more]),
        default="text",
        show_default=True,
        help="Form of the answer.",
    )


@contextmanager
def writing(path: str) -> Iterator[TextIO]:
    """Opens the file of `--output`; one that cannot be written is wrong usage."""
    try:
        with Path(path).open("w", encoding="utf-8", newline="\n") as file:
            yield file
    except OSError as err:
        raise click.BadParameter(
            f"{path!r} cannot be written ({err.strerror}). Name another file.", param_hint="'--output'"
        ) from err


def deliver(text: str, output: str | None = None) -> None:
    """Writes an answer to a file, or to stdout; on a terminal, control characters are made visible."""
    if output and output != "-":
        with writing(output) as file:
            file.write(text if text.endswith("\n") else text + "\n")
        return
    click.echo(visible(text) if sys.stdout.isatty() else text)


def deliver_json(answer: Any, output: str | None = None) -> None:
    """Writes an answer as JSON."""
    deliver(json.dumps(answer, indent=2, ensure_ascii=False), output)


def visible(text: str) -> str:
    """Returns text in which control characters that names may hold are escaped, so that they cannot steer a terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode() for c in text)
