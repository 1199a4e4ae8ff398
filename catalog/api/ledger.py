"""What the log and the sources say of themselves: commits, runs of `ingest`, what was not understood, the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib.metadata import entry_points, version
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

import strawberry

from catalog.api.context import Context
from catalog.api.pages import PageInfo, cursor, read_cursor, size
from catalog.identity import find_all
from catalog.model.instants import Instant
from catalog.model.nodes import BY_KIND
from catalog.project import GROUP
from catalog.store.port import Commit as Header

_CHUNK: Final = 500
_MOST_COMMITS: Final = 20_000
"""Commits that are looked through for one page of runs."""


@strawberry.type(description="What a commit did, counted.")
class CommitCount:
    name: str = strawberry.field(description="added, removed, snapshots, seen, retracted, opened or closed.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="An entry of the log.")
class Commit:
    header: strawberry.Private[Header]

    seq: int = strawberry.field(description="1 for the first, without gaps.")
    time: str = strawberry.field(description="When it was recorded.")
    actor: str = strawberry.field(description="Who committed.")
    source: str = strawberry.field(description="Source that was read.")
    body_root: str = strawberry.field(description="RFC 6962 root over its lines, hex.")
    log_root: str = strawberry.field(description="RFC 6962 root over the headers up to this one, hex.")
    lines: int = strawberry.field(description="Lines of its body.")

    @strawberry.field(description="What it did.")
    def counts(self) -> list[CommitCount]:
        return [CommitCount(name=name, count=count) for name, count in sorted(self.header.counts.items())]


@strawberry.type(description="A page of the log, newest first.")
class CommitConnection:
    nodes: list[Commit] = strawberry.field(description="The commits.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")
    total_count: int = strawberry.field(description="How many there are.")


@strawberry.type(description="Commits of one source and actor that follow each other.")
class IngestRun:
    source: str = strawberry.field(description="Source that was read.")
    actor: str = strawberry.field(description="Who read it.")
    started_at: str = strawberry.field(description="Time of the first commit.")
    ended_at: str = strawberry.field(description="Time of the last commit.")
    first_commit: int = strawberry.field(description="Number of the first commit.")
    last_commit: int = strawberry.field(description="Number of the last commit.")
    opened: int = strawberry.field(description="Claims that began to hold.")
    closed: int = strawberry.field(description="Claims that ended.")


@strawberry.type(description="A page of runs, newest first.")
class IngestRunConnection:
    nodes: list[IngestRun] = strawberry.field(description="The runs.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.type(description="A source of the project file.")
class SourceInfo:
    name: str = strawberry.field(description="Its name.")
    kind: str = strawberry.field(description="Which reader reads it.")
    installed: bool = strawberry.field(description="Whether there is such a reader here.")


@strawberry.type(description="How many there are of a kind.")
class KindCount:
    kind: str = strawberry.field(description="Kind of thing.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="How often something was not understood, for one reason, in one source.")
class SkippedCount:
    source: str = strawberry.field(description="Source that it was met in.")
    code: str = strawberry.field(description="unparsed, unresolved, unsupported, unreadable, ...")
    places: int = strawberry.field(description="In how many places.")
    occurrences: int = strawberry.field(description="How often.")


@strawberry.type(description="What the catalog knows, and what its readers did not understand.")
class Coverage:
    kinds: list[KindCount] = strawberry.field(description="Things by kind, closed ones included.")
    skipped: list[SkippedCount] = strawberry.field(description="What was not understood, most first.")


@strawberry.type(description="What one request may hold.")
class RequestLimits:
    tokens: int = strawberry.field(description="Words and signs of a query.")
    depth: int = strawberry.field(description="Levels of a query.")
    aliases: int = strawberry.field(description="Aliases of a query.")
    cost: int = strawberry.field(
        description="Cost of a query: what is below a list counts as often as the list is long."
    )
    seconds: float = strawberry.field(description="Time for an answer.")
    page: int = strawberry.field(description="Items of a page.")


@strawberry.type(description="A short name of a namespace.")
class Alias:
    alias: str = strawberry.field(description="The short name, as it stands in refs.")
    namespace: str = strawberry.field(description="The namespace.")


@strawberry.type(description="The server and its catalog.")
class ServerInfo:
    version: str = strawberry.field(description="Version of the program.")
    store: str = strawberry.field(description="Kind of store.")
    schema_version: int = strawberry.field(description="Version of the store's schema.")
    head: int = strawberry.field(description="Number of the newest commit.")
    log_root: str = strawberry.field(description="RFC 6962 root over the log, hex.")
    may_write: bool = strawberry.field(description="Whether the caller may use the mutations.")
    limits: RequestLimits = strawberry.field(description="What one request may hold.")
    namespaces: list[Alias] = strawberry.field(description="Short names in force.")


def commits(context: Context, first: int, after: str | None) -> CommitConnection:
    """Returns a page of the log."""
    wanted, head = size(first), context.store.info().head
    before = _before(after, head)
    found = list(_back(context, before, wanted))
    info = PageInfo(
        has_next_page=bool(found) and found[-1].seq > 1, end_cursor=cursor(found[-1].seq) if found else None
    )
    return CommitConnection(nodes=[_commit(header) for header in found], page_info=info, total_count=head)


def ingest_runs(context: Context, first: int, after: str | None) -> IngestRunConnection:
    """Returns a page of runs."""
    wanted = size(first)
    before = _before(after, context.store.info().head)
    runs: list[IngestRun] = []
    for _, group in groupby(_back(context, before, _MOST_COMMITS), key=lambda h: (h.source, h.actor)):
        if len(runs) == wanted:
            break
        runs.append(_run(list(group)))
    more = bool(runs) and runs[-1].first_commit > 1
    return IngestRunConnection(
        nodes=runs, page_info=PageInfo(has_next_page=more, end_cursor=cursor(runs[-1].first_commit) if runs else None)
    )


def _before(after: str | None, head: int) -> int:
    return head + 1 if after is None else min(read_cursor(after, like=(0,))[0], head + 1)


def _back(context: Context, before: int, limit: int) -> Iterator[Header]:
    """Yields headers before a number, newest first."""
    while limit > 0 and before > 1:
        count = min(_CHUNK, limit, before - 1)
        yield from reversed(context.store.commits(after=before - 1 - count, limit=count))
        before, limit = before - count, limit - count


def _commit(header: Header) -> Commit:
    return Commit(
        header=header,
        seq=header.seq,
        time=header.time,
        actor=header.actor,
        source=header.source,
        body_root=header.body_root,
        log_root=header.log_root,
        lines=header.lines,
    )


def _run(headers: list[Header]) -> IngestRun:
    last, first = headers[0], headers[-1]
    return IngestRun(
        source=last.source,
        actor=last.actor,
        started_at=first.time,
        ended_at=last.time,
        first_commit=first.seq,
        last_commit=last.seq,
        opened=sum(h.counts.get("opened", 0) for h in headers),
        closed=sum(h.counts.get("closed", 0) for h in headers),
    )


def sources(context: Context) -> list[SourceInfo]:
    """Returns the sources of the project file."""
    installed = {point.name for point in entry_points(group=GROUP)}
    return [
        SourceInfo(name=entry.name, kind=entry.kind, installed=entry.kind in installed)
        for entry in context.settings.sources
    ]


def coverage(context: Context, source: str | None, as_of: Instant | None) -> Coverage:
    """Returns what is known and what was not understood."""
    where = None if source is None else {"namespace": [source]}
    urns = [node.urn for node in find_all(context.store, ["skipped"], where)]
    places: Counter[tuple[str, str]] = Counter()
    often: Counter[tuple[str, str]] = Counter()
    for urn, state in context.store.get(urns, as_of).items():
        if state.properties and state.closed_since is None:
            key = (urn.namespace, str(state.properties.get("code")))
            places[key] += 1
            often[key] += state.properties.get("occurrences") or 1
    counts = context.store.info().counts
    kinds = [KindCount(kind=cls.label(), count=counts.get(f"node.{kind}", 0)) for kind, cls in BY_KIND.items()]
    skipped = [
        SkippedCount(source=key[0], code=key[1], places=places[key], occurrences=often[key])
        for key in sorted(places, key=lambda key: (-places[key], key))
    ]
    return Coverage(kinds=[kind for kind in kinds if kind.count], skipped=skipped)


def server_info(context: Context) -> ServerInfo:
    """Returns what the server is; addresses and credentials of the store are left out."""
    info, limits = context.store.info(), context.settings.limits
    return ServerInfo(
        version=version("headwater"),
        store=urlsplit(info.url).scheme,
        schema_version=info.schema_version,
        head=info.head,
        log_root=info.log_root,
        may_write=context.may_write,
        limits=RequestLimits(
            tokens=limits.tokens,
            depth=limits.depth,
            aliases=limits.aliases,
            cost=limits.cost,
            seconds=limits.seconds,
            page=limits.page,
        ),
        namespaces=[Alias(alias=a, namespace=n) for a, n in sorted(context.settings.namespaces.items())],
    )
