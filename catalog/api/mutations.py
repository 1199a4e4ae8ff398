"""The root fields that write. What a caller did wrong is part of the answer, as a type of its own, and nothing is written then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, TypeVar

import strawberry
from strawberry.scalars import JSON

from catalog.api import events
from catalog.api.context import Context
from catalog.api.entities import Entity, Info, entities
from catalog.edits import Edited, Editor
from catalog.model.errors import (
    AmbiguousNameError,
    CatalogError,
    ConflictError,
    ForbiddenError,
    NotFoundError,
    RefusedError,
    UsageError,
)
from catalog.model.names import Urn
from catalog.sayings import agent_urn, tag_urn, term_urn

T = TypeVar("T")
_MOST_EVENTS: Final = 200


@strawberry.interface(name="UserError", description="Why nothing was written.")
class Problem:
    message: str = strawberry.field(description="What is wrong, what was expected, what to do.")
    code: str = strawberry.field(description="Stable name of the kind of error.")


@strawberry.type(description="What was given does not fit.")
class InvalidInput(Problem):
    pass


@strawberry.type(description="Something that was named is not in the catalog, or several things fit.")
class UnknownName(Problem):
    nearest: list[str] = strawberry.field(description="Names that look like it, or that it fits.")


@strawberry.type(description="Another person's word stands against it.")
class Conflict(Problem):
    pass


@strawberry.type(description="The caller may not write here.")
class Forbidden(Problem):
    pass


@strawberry.type(description="What an edit came to.")
class EditPayload:
    commit: int | None = strawberry.field(description="Number of the commit; null if nothing changed.")
    entity: Entity | None = strawberry.field(description="The thing as it is now.")
    warnings: list[str] = strawberry.field(description="What still stands against it.")


@strawberry.type(description="An event that can never be taken.")
class RefusedEvent:
    index: int = strawberry.field(description="Its place in the list.")
    reason: str = strawberry.field(description="Why.")


@strawberry.type(description="What became of events.")
class IngestPayload:
    received: int = strawberry.field(description="How many there were.")
    commits: list[int] = strawberry.field(description="Numbers of the commits; none if everything was known.")
    refused: list[RefusedEvent] = strawberry.field(description="Events that can never be taken.")


Refused = InvalidInput | UnknownName | Conflict | Forbidden
EditResult = Annotated[
    EditPayload | InvalidInput | UnknownName | Conflict | Forbidden,
    strawberry.union("EditResult", description="What an edit came to, or why nothing was written."),
]
IngestResult = Annotated[
    IngestPayload | InvalidInput | UnknownName | Conflict | Forbidden,
    strawberry.union("IngestResult", description="What became of events, or why nothing was written."),
]


@strawberry.input(description="A term. What is left out stays as you said it before; null takes it back.")
class TermInput:
    glossary: str = strawberry.field(description="Glossary that holds it.")
    name: str = strawberry.field(description="Preferred label.")
    definition: str | None = strawberry.field(default=strawberry.UNSET, description="Its meaning.")
    synonyms: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Other labels.")
    abbreviation: str | None = strawberry.field(default=strawberry.UNSET, description="Short form.")
    status: str | None = strawberry.field(
        default=strawberry.UNSET, description="draft, proposed, approved or deprecated."
    )
    steward: str | None = strawberry.field(default=strawberry.UNSET, description="Who answers for it.")
    broader: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="Refs of all the terms that hold it."
    )


@strawberry.input(description="What a thing means.")
class LinkInput:
    ref: str = strawberry.field(description="Column, data set, feature or metric.")
    term: str = strawberry.field(description="Term, or a tag as `tag:NAME`.")
    status: str | None = strawberry.field(default=None, description="draft, proposed, approved or deprecated.")
    confidence: str | None = strawberry.field(default=None, description="From 0 to 1, as text.")
    source: str | None = strawberry.field(default=None, description="How it was found.")
    note: str | None = strawberry.field(default=None, description="Why.")


@strawberry.input(description="That one thing stands on another.")
class LineageInput:
    derived: str = strawberry.field(description="The thing that stands on the other.")
    source: str = strawberry.field(description="What it stands on.")
    type: str | None = strawberry.field(default=None, description="Type of the edge; the first that fits if left out.")
    subtype: str | None = strawberry.field(default=None, description="How, e.g. identity or aggregation.")
    role: str | None = strawberry.field(default=None, description="feature or target, for model versions.")
    expression: str | None = strawberry.field(default=None, description="The expression.")
    reason: str | None = strawberry.field(default=None, description="Why you say so.")


@strawberry.type(
    description="What can be changed. Each edit is yours: it is kept apart from what sources say, and comes before it."
)
class Mutation:
    @strawberry.mutation(description="Defines a term.")
    async def upsert_term(self, info: Info, input: TermInput) -> EditResult:  # noqa: A002
        def asked(context: Context, editor: Editor) -> Edited:
            names = ("definition", "synonyms", "abbreviation", "status", "steward")
            given = {name: getattr(input, name) for name in names if getattr(input, name) is not strawberry.UNSET}
            refs = None if input.broader is strawberry.UNSET else input.broader or []
            broader = None if refs is None else [_term(context, ref) for ref in refs]
            return editor.upsert_term(term_urn(input.glossary, input.name), given, broader)

        return await edit(info.context, asked)

    @strawberry.mutation(description="Says that a thing holds what a term names, or bears a tag.")
    async def link_term(self, info: Info, input: LinkInput) -> EditResult:  # noqa: A002
        def asked(context: Context, editor: Editor) -> Edited:
            thing, label = context.named(input.ref), label_of(context, input.term)
            stated = input.status if label.kind == "term" else None
            return editor.link_term(thing, label, stated, input.confidence, input.source, input.note)

        return await edit(info.context, asked)

    @strawberry.mutation(
        description="Says that a thing does not hold what a term names, or bear a tag, whoever says it does."
    )
    async def unlink_term(self, info: Info, ref: str, term: str) -> EditResult:
        return await edit(
            info.context, lambda context, editor: editor.unlink_term(context.named(ref), label_of(context, term))
        )

    @strawberry.mutation(description="Says that one thing stands on another.")
    async def assert_lineage(self, info: Info, input: LineageInput) -> EditResult:  # noqa: A002
        def asked(context: Context, editor: Editor) -> Edited:
            derived, source = context.all_named([input.derived, input.source])
            said = {name: getattr(input, name) for name in ("subtype", "role", "expression", "reason")}
            return editor.assert_lineage(derived, source, input.type, **said)

        return await edit(info.context, asked)

    @strawberry.mutation(description="Says that one thing does not stand on another, whoever says it does.")
    async def retract_lineage(self, info: Info, derived: str, source: str, type: str | None = None) -> EditResult:  # noqa: A002
        def asked(context: Context, editor: Editor) -> Edited:
            ends = context.all_named([derived, source])
            return editor.retract_lineage(ends[0], ends[1], type)

        return await edit(info.context, asked)

    @strawberry.mutation(description="Makes someone the owner in a role; null takes back what you said.")
    async def set_owner(self, info: Info, ref: str, owner: str | None, role: str = "owner") -> EditResult:
        def asked(context: Context, editor: Editor) -> Edited:
            named = None if owner is None else _agent(context, owner)
            return editor.set_owner(context.named(ref), named, role)

        return await edit(info.context, asked)

    @strawberry.mutation(description="Describes a thing; null takes back what you said.")
    async def set_description(self, info: Info, ref: str, text: str | None) -> EditResult:
        return await edit(info.context, lambda context, editor: editor.set_description(context.named(ref), text))

    @strawberry.mutation(description="Takes back what one commit said, as if it had never been read.")
    async def revert_commit(self, info: Info, seq: int) -> EditResult:
        return await edit(info.context, lambda _, editor: editor.revert(seq))

    @strawberry.mutation(description="Takes OpenLineage events. Sending one again changes nothing.")
    async def ingest_events(self, info: Info, events: list[JSON]) -> IngestResult:
        return _ingest(info.context, events)


async def edit(context: Context, asked: Callable[[Context, Editor], Edited]) -> EditPayload | Refused:
    """Makes an edit of the caller's; what is wrong with it is part of the answer."""
    try:
        editor = Editor(context.writer, clock=context.settings.clock, actor=context.actor())
        with context.settings.writing:
            edited = asked(context, editor)
    except CatalogError as err:
        return _problem(err)
    context.renew()
    found = await entities(context, [edited.urn] if edited.urn else [], None)
    return EditPayload(commit=edited.commit, entity=found[0] if found else None, warnings=list(edited.warnings))


def change(context: Context, asked: Callable[[Context], T]) -> T | Refused:
    """Does something that writes; what is wrong with it is part of the answer."""
    try:
        return asked(context)
    except CatalogError as err:
        return _problem(err)


def _ingest(context: Context, values: list[Any]) -> IngestPayload | Refused:
    try:
        actor = context.actor()
        if len(values) > _MOST_EVENTS:
            raise UsageError(f"{len(values)} events were given: expected at most {_MOST_EVENTS}. Send them in parts.")
        taken = events.take(context.settings, context.writer, events.texts(values), actor)
    except CatalogError as err:
        return _problem(err)
    context.renew()
    refused = [RefusedEvent(index=index, reason=reason) for index, reason in taken.refused.items()]
    return IngestPayload(received=taken.received, commits=taken.commits, refused=refused)


def _problem(err: CatalogError) -> Refused:
    """Returns an error as part of the answer.

    Raises:
        CatalogError: it is not the caller's.
    """
    match err:
        case NotFoundError():
            return UnknownName(message=str(err), code=err.code, nearest=list(err.nearest))
        case AmbiguousNameError():
            return UnknownName(message=str(err), code=err.code, nearest=list(err.candidates[:10]))
        case ConflictError():
            return Conflict(message=str(err), code=err.code)
        case ForbiddenError():
            return Forbidden(message=str(err), code=err.code)
        case UsageError() | RefusedError():
            return InvalidInput(message=str(err), code=err.code)
    raise err


def _term(context: Context, ref: str) -> Urn:
    return context.named(ref, ["term"])


def label_of(context: Context, text: str) -> Urn:
    """Returns the term or tag that a text names; a tag may be new."""
    try:
        return context.named(text, ["term", "tag"])
    except NotFoundError:
        if not text.startswith("tag:") or text == "tag:":
            raise
        return tag_urn(text.removeprefix("tag:"))


def _agent(context: Context, name: str) -> Urn:
    """Returns a known agent, or the one that the name would be."""
    try:
        return context.named(name, ["agent"])
    except NotFoundError:
        return agent_urn(name.removeprefix("agent:"))
