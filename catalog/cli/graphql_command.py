"""`headwater graphql`: runs a query in process, prints the schema, or says what a change of it would break."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import deliver, deliver_json, output_option

if TYPE_CHECKING:
    from catalog.api.execution import Answered, Asked
    from catalog.cli.workbench import Workbench


@click.command("graphql")
@click.argument("query", required=False)
@click.option(
    "--file", "file", type=click.File(encoding="utf-8"), metavar="FILE", help="Read the query from a file; - is stdin."
)
@click.option("--variables", metavar="JSON", help="Variables of the query, as a JSON object.")
@click.option("--operation", metavar="NAME", help="Which operation to run, if there are several.")
@click.option("--allow-writes", is_flag=True, help="Let mutations write.")
@click.option("--schema", "schema", is_flag=True, help="Print the schema.")
@click.option(
    "--check",
    "check",
    type=click.File(encoding="utf-8"),
    metavar="FILE",
    help="Compare the schema with a published one: exit code 1 if callers of it would break.",
)
@output_option
@click.pass_context
def command(
    ctx: click.Context,
    query: str | None,
    file: Any,
    variables: str | None,
    operation: str | None,
    allow_writes: bool,
    schema: bool,
    check: Any,
    output: str | None,
) -> int:
    """Runs a GraphQL query against the store, without a server.

    \b
    Examples:
      headwater graphql '{ serverInfo { version head } }'
      headwater graphql --file lineage.graphql --variables '{"ref": "pg:shop.core.orders#amount"}'
      headwater graphql --schema
      headwater graphql --check schema/graphql/schema.graphql
    """
    if schema:
        from catalog.api.schema import sdl

        deliver(sdl().rstrip("\n"), output)
        return 0
    if check is not None:
        return _check(check.read(), check.name, output)
    text = file.read() if file is not None else query
    if not text:
        raise click.UsageError("a query is needed: as an argument, or with --file.")
    return _run(ctx, text, variables, operation, allow_writes, output)


def _check(published: str, place: str, output: str | None) -> int:
    from catalog.api.schema import changes

    breaking, dangerous = changes(published, place)
    lines = [f"breaks: {line}" for line in breaking] + [f"may surprise: {line}" for line in dangerous]
    deliver("\n".join(lines or ["Nothing changes for the callers of the published schema."]), output)
    return 1 if breaking else 0


def _run(
    ctx: click.Context, text: str, variables: str | None, operation: str | None, allow_writes: bool, output: str | None
) -> int:
    from catalog.api.execution import Asked
    from catalog.cli.workbench import workbench

    answered = _answer(workbench(ctx), Asked(text, _variables(variables), operation), allow_writes)
    for fault in answered.faults:
        raise fault
    deliver_json(answered.response, output)
    return _exit_code(answered)


def _answer(bench: Workbench, asked: Asked, allow_writes: bool) -> Answered:
    from catalog.api.execution import answer
    from catalog.api.serving import settings_of

    with bench.store() as store:
        return answer(settings_of(bench.project), store, asked, bench.actor() if allow_writes else None)


def _variables(text: str | None) -> dict[str, Any]:
    import json

    try:
        found = json.loads(text or "{}")
    except ValueError as err:
        raise click.UsageError(f"--variables is no JSON: {err}.") from err
    if not isinstance(found, dict):
        raise click.UsageError(f"--variables is {text!r}: expected a JSON object.")
    return found


def _exit_code(answered: Answered) -> int:
    """Returns the code that the first error would end another command with."""
    from catalog.model import errors

    tree = [cls for cls in vars(errors).values() if isinstance(cls, type) and issubclass(cls, errors.CatalogError)]
    codes = {cls.code: cls.exit_code for cls in tree}
    found = [error["extensions"]["code"] for error in answered.response.get("errors", ())]
    return codes.get(found[0], 2) if found else 0
