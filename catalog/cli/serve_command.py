"""`headwater serve`: answers GraphQL over HTTP and takes OpenLineage events."""

from __future__ import annotations

import click


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDR", help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
@click.option(
    "--allow-writes", is_flag=True, help="Without tokens: let everybody on this machine write, as actor `local`."
)
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="Name under which the server may be asked, besides loopback.",
)
@click.pass_context
def command(ctx: click.Context, host: str, port: int, allow_writes: bool, hosts: tuple[str, ...]) -> None:
    """Answers GraphQL at /graphql and takes OpenLineage events at /api/v1/lineage.

    HEADWATER_TOKENS in the environment (TOKEN=ACTOR,TOKEN=ACTOR) says who may use it: every request then needs a bearer token,
    and its actor may write. Without it the server listens on this machine alone and is read only, unless --allow-writes.

    \b
    Examples:
      headwater serve
      HEADWATER_TOKENS=$(openssl rand -hex 24)=ana headwater serve --host 0.0.0.0
    """
    import os

    from catalog.api.guard import check_exposure, read_tokens
    from catalog.api.serving import Address, serve
    from catalog.cli.workbench import credentials, prepare, workbench

    bench = workbench(ctx)
    tokens = read_tokens(os.environ.get("HEADWATER_TOKENS", ""))
    check_exposure(host, tokens)
    prepare(bench.url, fill=bool(tokens) or allow_writes)
    shown = f"[{host}]" if ":" in host else host

    def ready(bound: int) -> None:
        bench.note(f"GraphQL at http://{shown}:{bound}/graphql (POST); events at /api/v1/lineage. Ctrl-C stops.")

    serve(bench.project, bench.url, credentials(), Address(host, port, tokens, allow_writes, hosts), ready)
