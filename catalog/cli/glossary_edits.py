"""`headwater glossary` define, propose, approve, deprecate, revise, link, unlink, history: what stewards say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from catalog.cli.options import format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.edits import Edited, Editor
    from catalog.model.names import Urn
    from catalog.refs import Refs

F = TypeVar("F", bound=Callable[..., Any])
_ABOUT: Final[Mapping[str, str]] = {
    "propose": "Proposes a term, or its assignment to a thing.",
    "approve": "Approves a term, or its assignment to a thing.",
    "deprecate": "Marks a term, or its assignment to a thing, as not to be used any more.",
    "revise": "Makes a term, or its assignment to a thing, a draft again.",
}
actor_option: Final = click.option(
    "--actor", metavar="NAME", help="Who says so. Default: HEADWATER_ACTOR, else the login name."
)
_note_option: Final = click.option("--note", metavar="TEXT", help="Why; it is kept with the change.")
_thing_option: Final = click.option("--on", "thing", metavar="REF", help="The thing that bears the term.")


def _edit(
    ctx: click.Context,
    actor: str | None,
    asked: Callable[[Editor, Refs], tuple[Edited, Urn, str | None]],
    format_: str,
    output: str | None,
) -> None:
    """Makes an edit and says what it came to."""
    from catalog.cli.asking import give
    from catalog.cli.workbench import workbench
    from catalog.edits import Editor
    from catalog.glossary.stewardship import edit_answer

    bench = workbench(ctx)
    with bench.store(fill=True) as store:
        store.migrate()
        refs = bench.refs(store)
        edited, term, status = asked(Editor(store, clock=bench.now, actor=actor or bench.actor()), refs)
        give(bench, edit_answer(bench.refs(store), edited, term, status), format_, output, {"text": _edited})


def _edited(data: Mapping[str, Any]) -> str:
    what = f"{data['thing']} means {data['term']}" if data["thing"] else data["term"]
    state = f": {data['status']}" if data["status"] else ""
    return f"{what}{state}" + (f" (commit {data['commit']})" if data["commit"] else " (nothing changed)")


def _mover(verb: str) -> click.Command:
    @click.command(verb, help=_ABOUT[verb])
    @click.argument("term")
    @_thing_option
    @_note_option
    @actor_option
    @format_option()
    @output_option
    @click.pass_context
    def command(
        ctx: click.Context,
        term: str,
        thing: str | None,
        note: str | None,
        actor: str | None,
        format_: str,
        output: str | None,
    ) -> None:
        from catalog.glossary.statuses import VERBS

        status = VERBS[verb]

        def move(editor: Editor, refs: Refs) -> tuple[Edited, Urn, str | None]:
            named = refs.parse(term, ["term"])
            if thing is None:
                return editor.move_term(named, status, note), named, status
            return editor.move_link(refs.parse(thing), named, status, note), named, status

        _edit(ctx, actor, move, format_, output)

    return command


@click.command("define")
@click.argument("name")
@click.option("--glossary", required=True, metavar="NAME", help="Glossary that holds it.")
@click.option("--definition", metavar="TEXT", help="Its meaning.")
@click.option("--synonym", "synonyms", multiple=True, metavar="TEXT", help="Another label; may be given several times.")
@click.option("--abbreviation", metavar="TEXT", help="Short form.")
@click.option("--steward", metavar="NAME", help="Who answers for it.")
@click.option("--broader", multiple=True, metavar="TERM", help="A term that holds it; may be given several times.")
@click.option("--status", metavar="STATUS", help="draft, proposed, approved or deprecated. A new term is a draft.")
@actor_option
@format_option()
@output_option
@click.pass_context
def _define(
    ctx: click.Context,
    /,
    name: str,
    glossary: str,
    broader: tuple[str, ...],
    synonyms: tuple[str, ...],
    status: str | None,
    actor: str | None,
    format_: str,
    output: str | None,
    **texts: str | None,
) -> None:
    """Defines a term, or says more of one. What is left out stays as you said it before.

    \b
    Example:
      headwater glossary define "Days Past Due" --glossary Risk --definition "Days since the due date." --synonym DPD
    """
    from catalog.sayings import term_urn

    def define(editor: Editor, refs: Refs) -> tuple[Edited, Urn, str | None]:
        urn = term_urn(glossary, name)
        said: dict[str, Any] = {key: text for key, text in texts.items() if text is not None}
        said |= {"synonyms": list(synonyms)} if synonyms else {}
        given = status or (None if refs.candidates(str(urn)) else "draft")
        said |= {"status": given} if given else {}
        above = refs.parse_all(broader, ["term"]) if broader else None
        return editor.upsert_term(urn, said, above), urn, given

    _edit(ctx, actor, define, format_, output)


@click.command("link")
@click.argument("ref")
@click.argument("term")
@click.option("--status", default="proposed", show_default=True, help="draft, proposed, approved or deprecated.")
@click.option("--confidence", metavar="NUMBER", help="From 0 to 1.")
@_note_option
@actor_option
@format_option()
@output_option
@click.pass_context
def _link(
    ctx: click.Context,
    ref: str,
    term: str,
    status: str,
    confidence: str | None,
    note: str | None,
    actor: str | None,
    format_: str,
    output: str | None,
) -> None:
    """Says that a column, data set, feature or metric holds what a term names, or bears a tag.

    \b
    Examples:
      headwater glossary link pg:shop.crm.customers#mail "term:Email Address"
      headwater glossary link pg:shop.crm.customers#mail tag:pii
    """

    def link(editor: Editor, refs: Refs) -> tuple[Edited, Urn, str | None]:
        thing, label = refs.parse(ref), label_named(refs, term)
        stated = status if label.kind == "term" else None
        return editor.link_term(thing, label, stated, confidence, "manual", note), label, stated

    _edit(ctx, actor, link, format_, output)


@click.command("unlink")
@click.argument("ref")
@click.argument("term")
@actor_option
@format_option()
@output_option
@click.pass_context
def _unlink(ctx: click.Context, ref: str, term: str, actor: str | None, format_: str, output: str | None) -> None:
    """Says that a thing does not hold what a term names, or does not bear a tag.

    What you said yourself is taken back; what a source says is denied and stays so when it is read again. What only follows
    from lineage is denied too, and goes no further from there.
    """

    def unlink(editor: Editor, refs: Refs) -> tuple[Edited, Urn, str | None]:
        label = label_named(refs, term)
        return editor.unlink_term(refs.parse(ref), label), label, "denied"

    _edit(ctx, actor, unlink, format_, output)


@click.command("history")
@click.argument("term")
@_thing_option
@format_option()
@output_option
@click.pass_context
def _history(ctx: click.Context, term: str, thing: str | None, format_: str, output: str | None) -> None:
    """Shows the statuses of a term, or of its assignment to a thing: since when, by whom, why."""
    from catalog.cli.asking import ask
    from catalog.glossary.stewardship import status_history

    def asked(_: Any, store: Any, refs: Refs) -> Answer:
        return status_history(store, refs, refs.parse(term, ["term"]), None if thing is None else refs.parse(thing))

    ask(ctx, asked, format_, output, {"text": _changes})


def _changes(data: Mapping[str, Any]) -> str:
    from catalog.cli.asking import table

    if not data["changes"]:
        return "nobody gave it a status"
    keys = ("since", "until", "status", "by", "source", "note")
    return table([tuple(change[key] or "-" for key in keys) for change in data["changes"]], keys)


def label_named(refs: Refs, text: str) -> Urn:
    """Returns the term or tag that a text names; a tag may be new.

    Raises:
        NotFoundError, AmbiguousNameError: it is no tag, and no one term.
    """
    from catalog.sayings import tag_urn

    if text.startswith("tag:") and not refs.candidates(text, ["tag"]):
        return tag_urn(text.removeprefix("tag:"))
    return refs.parse(text, ["term", "tag"])


COMMANDS: Final = (_define, *map(_mover, _ABOUT), _link, _unlink, _history)
