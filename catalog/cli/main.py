"""The command `headwater`: finds a command's module, runs it, and turns errors into exit codes."""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Final, NoReturn

import click

SECTIONS: Final[dict[str, dict[str, str]]] = {
    "Start": {
        "init": "Write a project file for what is found here.",
        "demo": "Load the example estate and ask it three questions.",
        "doctor": "Say what is installed, configured and reachable.",
    },
    "Fill": {
        "ingest": "Read the sources of the project file.",
        "glossary": "Look after business terms and what bears them.",
    },
    "Ask": {
        "search": "Find things by name, description or comment.",
        "show": "Show one thing: claims, columns, owners, terms, versions.",
        "lineage": "Show what something stands on and what stands on it.",
        "provenance": "Show what a model version or a prediction stands on.",
        "diff": "Compare one thing at two times, or two model versions.",
        "sql": "Show the column lineage of SQL text.",
    },
    "Check": {
        "impact": "Say what a change would break.",
        "rootcause": "Say why a model version is bad: what changed since the last good one.",
        "check": "Check the rules of the policy files.",
        "chart": "Compare a chart that somebody drew with the lineage that is known.",
        "attest": "Hand out what stands behind a model or a decision, with proofs.",
        "verify": "Compute recorded digests again from the files.",
    },
    "Serve": {
        "serve": "Answer GraphQL over HTTP.",
    },
    "Look after": {
        "graphql": "Run a GraphQL query, or print the schema.",
        "db": "Look after the store: status, rebuild, export, backup.",
    },
}
"""Commands by section, with the line that `--help` shows, so that listing them imports none."""

MODULES: Final = {name: f"catalog.cli.{name}_command" for section in SECTIONS.values() for name in section}


class _ReaderLeftError(Exception):
    """The reader of our output has left. Click would make exit code 1 of a broken pipe, which is that of a gate."""


class LazyGroup(click.Group):
    """A group whose commands are modules, imported when called."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as err:
            raise _ReaderLeftError from err

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in MODULES:
            return None
        module = importlib.import_module(MODULES[cmd_name])
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in MODULES and not args[0].startswith("-"):
            self._fail_with_nearest(ctx, args[0])
        return super().resolve_command(ctx, args)

    def _fail_with_nearest(self, ctx: click.Context, name: str) -> NoReturn:
        from difflib import get_close_matches

        nearest = get_close_matches(name, MODULES, n=1)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else " `headwater --help` lists the commands."
        ctx.fail(f"there is no command {name!r}.{hint}")

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, commands in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl(list(commands.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="headwater", message="%(prog)s %(version)s")
@click.option("-c", "--config", metavar="FILE", help="Project file. Default: headwater.yml here or in a folder above.")
@click.option("--store", metavar="URL", help="Store to use instead of the configured one.")
@click.option("-q", "--quiet", is_flag=True, help="No progress and no notes on stderr.")
@click.option("--debug", is_flag=True, help="Show tracebacks.")
@click.pass_context
def cli(ctx: click.Context, config: str | None, store: str | None, quiet: bool, debug: bool) -> None:
    """A metadata catalog that is a property graph.

    It reads what data tools leave behind, knows lineage down to the column, ties columns to business terms, and answers what
    a change would break and what a model stands on.

    Results go to stdout, progress and notes to stderr. Exit codes: 0 done, 1 a gate tripped, 2 wrong usage or configuration,
    3 partly done, 4 not found or ambiguous, 5 store unreachable or refused, 6 evidence does not verify, 70 internal error,
    130 interrupted.
    """
    ctx.obj = {"config": config, "store": store, "quiet": quiet, "debug": debug}


def main(args: list[str] | None = None) -> NoReturn:
    """Runs the command line and exits with the code that the error tree gives."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code."""
    given = _hoisted(sys.argv[1:] if args is None else args)
    debug = "--debug" in given
    try:
        result: Any = cli.main(args=given, prog_name="headwater", standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("interrupted; what was committed stands", err=True)
        return 130
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except _ReaderLeftError:
        # The reader of a pipe has left: nothing more to say, and Python must not say so at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as err:
        if debug:
            raise
        return _report(err)
    return result if isinstance(result, int) else 0


_VALUED: Final = ("-c", "--config", "--store")
_FLAGS: Final = ("-q", "--quiet", "--debug")


def _hoisted(args: list[str]) -> list[str]:
    """Moves the options of the program, wherever they stand before `--`, to the front: `headwater show -c FILE REF` works too."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(args)
    for arg in waiting:
        if arg == "--":
            rest += [arg, *waiting]
        elif arg in _VALUED:
            front += [arg, *(value for value in [next(waiting, None)] if value is not None)]
        elif arg in _FLAGS or arg.startswith(tuple(f"{name}=" for name in _VALUED if name.startswith("--"))):
            front.append(arg)
        else:
            rest.append(arg)
    return front + rest


def _report(err: Exception) -> int:
    from catalog.model.errors import CatalogError

    if isinstance(err, CatalogError):
        click.echo(f"headwater: {err}", err=True)
        return err.exit_code
    click.echo(
        f"headwater: internal error ({type(err).__name__}). Run again with --debug and report what it prints.", err=True
    )
    return 70
