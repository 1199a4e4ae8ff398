"""Incident registers as YAML: what went wrong, with what, which controls were put in place, and the plans for the next time.

    plans:
      - {id: IP-1, description: Consent withdrawn, about: ["model!mlflow:churn"], reviewed: 2026-03-01, steps: [Stop serving, ...]}
    incidents:
      - {id: INC-7, opened_at: 2026-03-02T08:00:00Z, closed_at: ..., severity: high, description: ...,
         about: ["pg:shop.raw.clicks"], plan: IP-1, controls: [quality-gate]}

Controls are ids of rules of the policy files. Each entry is a scope below the register's: one with a fault is named, keeps what it
said before, and spares the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import Field

from catalog.model.canonical import json_text
from catalog.model.edges import Concerns, CoveredBy
from catalog.model.errors import InvalidTimeError
from catalog.model.facts import Fact, Origin, Scope, Skip, Snapshot
from catalog.model.ingest import Context, Options
from catalog.model.instants import parse, show
from catalog.model.names import Urn
from catalog.model.nodes import Incident, Policy
from ingestors.reading import Reader
from ingestors.refs import read_ref
from ingestors.values import items, mapping, text

PLAN: Final = "incident-plan"
_TIMES: Final = ("opened_at", "closed_at")


class IncidentsOptions(Options):
    """Options of a source of kind `incidents`."""

    path: str = Field(description="YAML file or pattern, with `incidents` and `plans`.")


class IncidentsIngestor:
    """Reads incident registers."""

    name: ClassVar[str] = "incidents"
    options: ClassVar[type[Options]] = IncidentsOptions

    def __init__(self, options: IncidentsOptions) -> None:
        self._options = options

    def snapshots(self, context: Context) -> Iterator[Snapshot]:
        """Yields the entries, then the register.

        Raises:
            SourceError: there is no such file, or it is no YAML.
        """
        reader = Reader(context)
        paths = reader.paths(self._options.path)
        at, dated = context.at or max(map(reader.modified, paths)), context.at is not None
        scope: Scope = ("incidents", context.source)
        entries: dict[str, list[Fact | Skip]] = {}
        nameless: list[Fact | Skip] = []
        for path in paths:
            for name, facts in _entries(reader, path, context):
                if name is None or name in entries:
                    nameless += facts if name is None else [_twice(name, reader.label(path))]
                else:
                    entries[name] = facts
        faulty = {name for name, facts in entries.items() if any(isinstance(fact, Skip) for fact in facts)}
        for name, facts in entries.items():
            yield Snapshot((*scope, name), at, facts, complete=name not in faulty, dated=dated)
        unread = frozenset((*scope, name) for name in faulty)
        yield Snapshot(scope, at, nameless, complete=not nameless, unread=unread, dated=dated)


def _twice(name: str, place: str) -> Skip:
    return Skip("duplicate", f"an entry {name[:200]!r} is there already: this one is left out", Origin(place))


def _entries(reader: Reader, path: Path, context: Context) -> Iterator[tuple[str | None, list[Fact | Skip]]]:
    said = mapping(reader.yaml(path))
    for section, facts_of in (("plans", _plan), ("incidents", _incident)):
        for number, entry in enumerate(items(said.get(section))):
            origin = Origin(reader.label(path), f"/{section}/{number}")
            name = text(mapping(entry).get("id"))
            if name is None:
                yield None, [Skip("unreadable", "the entry has no id", origin)]
            else:
                yield name, list(facts_of(name, mapping(entry), context, origin))


def _plan(name: str, said: Mapping[str, Any], context: Context, origin: Origin) -> Iterator[Fact | Skip]:
    steps = [step for item in items(said.get("steps")) if (step := text(item))]
    more = {"reviewed": text(said.get("reviewed")), "owner": text(said.get("owner")), "steps": steps}
    policy = Policy(
        namespace=context.source, name=name, rule=PLAN, description=text(said.get("description")),
        definition=json_text({key: value for key, value in more.items() if value}),
    )  # fmt: skip
    yield Fact(policy, origin)
    for item in _about(said, context, origin, policy.urn):
        yield item if isinstance(item, Skip) else Fact(CoveredBy(start=item, end=policy.urn), origin)


def _incident(name: str, said: Mapping[str, Any], context: Context, origin: Origin) -> Iterator[Fact | Skip]:
    wrong = [key for key in _TIMES if not _is_time(text(said.get(key)))]
    for key in wrong:
        yield Skip(
            "unreadable", f"{key} {str(said[key])[:50]!r} is no time: expected one such as 2026-03-02T08:00:00Z", origin
        )
    if wrong:
        return
    opened, closed = (show(parse(at)) if (at := text(said.get(key))) else None for key in _TIMES)
    incident = Incident(
        namespace=context.source, name=name, state=text(said.get("state")) or ("closed" if closed else "open"),
        severity=text(said.get("severity")), opened_at=opened, closed_at=closed, description=text(said.get("description")),
    )  # fmt: skip
    yield Fact(incident, origin)
    for item in _about(said, context, origin, incident.urn):
        yield item if isinstance(item, Skip) else Fact(Concerns(start=incident.urn, end=item), origin)
    plan = text(said.get("plan"))
    controls = [Urn("policy", ("", rule)) for item in items(said.get("controls")) if (rule := text(item))]
    for end in [*controls, *([Urn("policy", (context.source, plan))] if plan else [])]:
        yield Fact(CoveredBy(start=incident.urn, end=end), origin)


def _about(said: Mapping[str, Any], context: Context, origin: Origin, entry: Urn) -> Iterator[Urn | Skip]:
    for written in items(said.get("about")):
        urn = read_ref(written, context.namespaces) if isinstance(written, str) else None
        expected = "expected ALIAS:DATASET or KIND!ALIAS:NAME"
        yield urn or Skip("unresolved", f"{str(written)[:200]!r} is no reference: {expected}", origin, (entry,))


def _is_time(written: str | None) -> bool:
    try:
        return written is None or parse(written) is not None
    except InvalidTimeError:
        return False
