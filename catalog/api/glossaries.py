"""The glossary over GraphQL: statuses, what things bear by lineage, suggestions, glossary files. The functions are those of the
command line.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import strawberry
from strawberry.scalars import JSON

from catalog.api.context import Context, short
from catalog.api.derived import DerivedLabel
from catalog.api.entities import Info
from catalog.api.mutations import (
    Conflict,
    EditResult,
    Forbidden,
    InvalidInput,
    UnknownName,
    change,
    edit,
    label_of,
)
from catalog.api.pages import PAGE, size
from catalog.api.reads import MOST_NODES, clipped, few, result
from catalog.api.results import Mention, Result
from catalog.api.scalars import Time
from catalog.classification import suggesting
from catalog.classification.labelling import labels_everywhere, labels_of
from catalog.edits import Edited, Editor
from catalog.glossary.exporting import export_glossaries
from catalog.glossary.importing import import_glossary, read_whole
from catalog.glossary.stewardship import status_history
from catalog.model.errors import SourceError, UsageError
from catalog.model.instants import Instant
from catalog.project import Project, SourceEntry

_MOST_CHARS: Final = 2_000_000
"""Characters of a glossary file that is sent."""


@strawberry.type(description="A term or tag that is stated of a thing.")
class StatedLabel(Mention):
    status: str | None = strawberry.field(description="draft, proposed, approved or deprecated.")
    confidence: str | None = strawberry.field(description="From 0 to 1, as text.")
    steward: str | None = strawberry.field(description="Who answers for it.")
    source: str | None = strawberry.field(description="How it was found.")
    by: str | None = strawberry.field(description="Who gave it its status.")
    at: str | None = strawberry.field(description="When it got its status.")
    note: str | None = strawberry.field(description="Why it got its status.")
    sources: list[str] = strawberry.field(description="Kinds of the sources that state it.")


@strawberry.type(description="The labels of a thing.")
class LabelledThing(Mention):
    stated: list[StatedLabel] = strawberry.field(description="What sources and people state.")
    derived: list[DerivedLabel] = strawberry.field(description="What follows from lineage.")
    denied: list[str] = strawberry.field(description="Refs of labels that somebody says it does not bear.")


@strawberry.type(description="How far a label goes.")
class LabelReach(Mention):
    stops: list[str] = strawberry.field(description="Steps at which it stops.")
    rule: str = strawberry.field(description="Why.")
    stated: int = strawberry.field(description="Of how many things it is stated.")
    derived: int = strawberry.field(description="For how many it follows.")


@strawberry.type(description="Terms and tags of things.")
class GlossaryLabels(Result):
    things: list[LabelledThing] = strawberry.field(description="By name.")
    labels: list[LabelReach] = strawberry.field(description="How far each goes; empty if things were named.")
    total: int = strawberry.field(description="How many things there are.")


@strawberry.type(description="Why something is suggested.")
class SuggestionReason:
    kind: str = strawberry.field(
        description="name, description, namesakes, upstream, downstream, category, check or type."
    )
    score: float = strawberry.field(description="From 0 to 1; negative if it speaks against.")
    why: str = strawberry.field(description="In words.")


@strawberry.type(description="A term or tag that a thing might bear. It is kept only if it is accepted.")
class LabelSuggestion(Mention):
    label: str = strawberry.field(description="Ref of the term or tag.")
    label_urn: str = strawberry.field(description="Urn of the term or tag.")
    score: float = strawberry.field(description="From 0 to 1.")
    reasons: list[SuggestionReason] = strawberry.field(description="The strongest first.")


@strawberry.type(description="Suggestions, the surest things first.")
class Suggestions(Result):
    suggestions: list[LabelSuggestion] = strawberry.field(description="Those of one thing together, best first.")
    things: int = strawberry.field(description="How many things were looked at.")
    total: int = strawberry.field(description="For how many there is a suggestion.")


@strawberry.type(description="A status that somebody gave.")
class StatusChange:
    status: str = strawberry.field(description="draft, proposed, approved, deprecated, denied or a word of the source.")
    since: str = strawberry.field(description="When it began to hold.")
    until: str | None = strawberry.field(description="When it ended; null while it holds.")
    by: str | None = strawberry.field(description="Who gave it.")
    source: str = strawberry.field(description="human, or the kind of source that says so.")
    note: str | None = strawberry.field(description="Why.")


@strawberry.type(description="The statuses of a term, or of its assignment to a thing.")
class StatusHistory(Result):
    term: str = strawberry.field(description="Ref of the term.")
    thing: str | None = strawberry.field(description="Ref of what bears it; null for the term itself.")
    changes: list[StatusChange] = strawberry.field(description="In order of time.")


@strawberry.type(description="Glossaries as a file.")
class GlossaryFile(Result):
    text: str = strawberry.field(description="Its content.")


@strawberry.type(description="What an import changes.")
class FileChange:
    kind: str = strawberry.field(description="added, changed or closed.")
    what: str = strawberry.field(description="Kind of the thing, or type of the edge.")
    ref: str = strawberry.field(description="The thing, or where the edge begins.")
    other: str | None = strawberry.field(description="Where the edge ends.")
    subtype: str | None = strawberry.field(description="How.")
    properties: JSON = strawberry.field(description="Those that differ: name, before, after.")


@strawberry.type(name="GlossaryFileError", description="What of a file could not be understood.")
class FileError:
    code: str = strawberry.field(description="Stable word.")
    message: str = strawberry.field(description="What is wrong and what was expected.")
    place: str | None = strawberry.field(description="Place in the file.")
    line: int | None = strawberry.field(description="Line in the file.")
    column: str | None = strawberry.field(description="Column of the table.")


@strawberry.type(description="What an import of a glossary file does, or would do.")
class GlossaryImport(Result):
    glossaries: list[str] = strawberry.field(description="Glossaries that the file is of.")
    dry_run: bool = strawberry.field(description="Whether nothing was written.")
    changes: list[FileChange] = strawberry.field(description="Terms first, then what is tied to them.")
    counts: JSON = strawberry.field(description="Facts that are added, changed, closed and unchanged.")
    errors: list[FileError] = strawberry.field(description="Rows with an error; the others are taken.")
    commits: list[int] = strawberry.field(description="Numbers of the commits.")


@strawberry.input(description="A glossary file.")
class GlossaryFileInput:
    name: str = strawberry.field(description="Name with the suffix that tells its form: .csv, .yaml, .json, .ttl, ...")
    text: str = strawberry.field(description="Its content.")
    shape: str = strawberry.field(default="auto", description="Tool that wrote it; auto: told by its header.")
    glossary: str | None = strawberry.field(
        default=None, description="Name of the glossary, if the file should not say it."
    )
    namespace: str | None = strawberry.field(default=None, description="Where data is that it names without a system.")
    partial: bool = strawberry.field(default=False, description="Terms that it does not list stay as they are.")
    dry_run: bool = strawberry.field(default=True, description="Whether nothing is to be written.")


ImportResult = Annotated[
    GlossaryImport | InvalidInput | UnknownName | Conflict | Forbidden,
    strawberry.union("ImportResult", description="What an import came to, or why nothing was written."),
]


def _at(as_of: Time | None) -> Instant | None:
    return None if as_of is None else Instant(as_of)


@strawberry.type
class GlossaryQuery:
    @strawberry.field(
        description="Terms and tags of things, or of everything to which one follows from lineage if none is named."
    )
    def labels(
        self,
        info: Info,
        refs: list[str] | None = None,
        labels: list[str] | None = None,
        first: int = 500,
        as_of: Time | None = None,
    ) -> GlossaryLabels:
        context, wanted = info.context, size(first, MOST_NODES)
        rules = context.settings.propagation
        if refs:
            urns = context.all_named(few(refs, "refs"))
            answer = labels_of(context.store, context.refs, urns, rules, _at(as_of))
        else:
            only = [label_of(context, text) for text in labels or ()]
            answer = labels_everywhere(context.store, context.refs, rules, only, wanted, _at(as_of))
        data, cut = clipped(answer.data, ["things"], wanted)
        return result(GlossaryLabels, answer, data, cut)

    @strawberry.field(
        description="Terms and tags that columns, features and metrics might bear; all columns without one if none is named."
    )
    def suggestions(
        self, info: Info, refs: list[str] | None = None, first: int = PAGE, most: int = 3, least: float = 0.4
    ) -> Suggestions:
        context = info.context
        if not 1 <= most <= 20 or not 0 <= least <= 1:
            raise UsageError("most: expected 1 to 20, least: expected 0 to 1. Ask for other suggestions.")
        named = context.all_named(few(refs, "refs")) if refs else None
        store = context.store
        targets = suggesting.unlabelled(store) if named is None else suggesting.targets_of(store, named)
        answer, _ = suggesting.suggest(store, context.refs, targets, limit=size(first), most=most, least=least)
        return result(Suggestions, answer, answer.data)

    @strawberry.field(description="Which statuses a term, or its assignment to a thing, had: since when, by whom, why.")
    def status_history(self, info: Info, term: str, ref: str | None = None) -> StatusHistory:
        context = info.context
        named, thing = context.named(term, ["term"]), None if ref is None else context.named(ref)
        answer = status_history(context.store, context.refs, named, thing)
        return result(StatusHistory, answer, answer.data)

    @strawberry.field(description="Glossaries, all if none is named, as a file: csv, skos-turtle or skos-jsonld.")
    def glossary_export(self, info: Info, format: str = "csv", glossaries: list[str] | None = None) -> GlossaryFile:  # noqa: A002
        text = export_glossaries(info.context.store, info.context.refs, glossaries or (), format)
        return GlossaryFile(as_of=None, complete=True, warnings=[], text=text)


@strawberry.type
class GlossaryMutation:
    @strawberry.mutation(description="Gives a term another status, by a legal move.")
    async def set_term_status(self, info: Info, term: str, status: str, note: str | None = None) -> EditResult:
        return await edit(
            info.context, lambda context, editor: editor.move_term(context.named(term, ["term"]), status, note)
        )

    @strawberry.mutation(description="Gives the assignment of a term to a thing another status, by a legal move.")
    async def set_link_status(
        self, info: Info, ref: str, term: str, status: str, note: str | None = None
    ) -> EditResult:
        return await edit(
            info.context,
            lambda context, editor: editor.move_link(context.named(ref), context.named(term, ["term"]), status, note),
        )

    @strawberry.mutation(description="Makes a suggestion your proposal, with its score and reasons.")
    async def accept_suggestion(self, info: Info, ref: str, label: str) -> EditResult:
        def accept(context: Context, editor: Editor) -> Edited:
            thing, wanted = context.named(ref), label_of(context, label)
            given = suggesting.Suggester(context.store, [thing]).of(thing, most=20, least=0)
            found = [one for one in given if one.label == wanted]
            if not found:
                raise UsageError(f"{label!r} is not suggested for {ref!r}: expected a suggestion. Use linkTerm.")
            return suggesting.accept(editor, found)[0]

        return await edit(info.context, accept)

    @strawberry.mutation(
        description="Takes a glossary file, or says what taking it would do. A dry run is the default."
    )
    def import_glossary(self, info: Info, input: GlossaryFileInput) -> ImportResult:  # noqa: A002
        return change(info.context, lambda context: _import(context, input))


def _import(context: Context, given: GlossaryFileInput) -> GlossaryImport:
    """Reads what was sent from a folder of its own: a reader sees nothing of the server's files."""
    short(given.text, _MOST_CHARS, "The file")
    name = Path(given.name).name
    if not name or name != given.name or name.startswith("."):
        raise UsageError(f"{given.name[:80]!r} is no name of a file: expected one such as terms.csv. Write one.")
    actor, settings = context.actor(), context.settings
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_text(given.text, encoding="utf-8", newline="")
        project = Project(Path(folder), None, "", settings.namespaces)
        said: dict[str, Any] = {"glossary": given.glossary, "namespace": given.namespace, "partial": given.partial}
        entry = SourceEntry.model_validate(
            {
                "name": name.partition(".")[0] or "glossary", "kind": "glossary", "path": name, "format": given.shape,
                "at": settings.clock().isoformat(), **{key: value for key, value in said.items() if value},
            }
        )  # fmt: skip
        source = project.source_of(entry, settings.clock())
        try:
            read = read_whole(source)
        except SourceError as err:
            raise UsageError(str(err)) from err
    with settings.writing:
        answer = import_glossary(
            context.writer, context.refs, source, read, clock=settings.clock, actor=actor, dry_run=given.dry_run
        )
    context.renew()
    return result(GlossaryImport, answer, answer.data)
