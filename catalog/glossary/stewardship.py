"""What stewards ask besides the words themselves: which statuses a term or an assignment had, by whom and when."""

from __future__ import annotations

from catalog.answers import Answer, Data
from catalog.edits import Edited
from catalog.glossary.assignments import StatusChange, assignment_history, term_history
from catalog.model.instants import show
from catalog.model.names import Urn
from catalog.refs import Refs
from catalog.store.port import Store


def status_history(store: Store, refs: Refs, term: Urn, thing: Urn | None = None) -> Answer:
    """Returns the statuses of a term, or of its assignment to a thing, in order of time; the last ones may still hold."""
    changes = term_history(store, term) if thing is None else assignment_history(store, thing, term)
    named = [term] if thing is None else [term, thing]
    texts = refs.texts(named)
    data = {
        "term": texts[term],
        "thing": None if thing is None else texts[thing],
        "changes": [_say(change) for change in changes],
    }
    return Answer("glossary.history", data)


def _say(change: StatusChange) -> Data:
    return {
        "status": change.status,
        "since": show(change.since),
        "until": None if change.until is None else show(change.until),
        "by": change.by,
        "source": change.source,
        "note": change.note,
    }


def edit_answer(refs: Refs, edited: Edited, term: Urn, status: str | None) -> Answer:
    """Returns what an edit of a term or an assignment came to.

    Args:
        status: The one that it has now, where the edit was about one.
    """
    texts = refs.texts([term, *([edited.urn] if edited.urn else [])])
    data = {
        "term": texts[term],
        "thing": texts[edited.urn] if edited.urn and edited.urn != term else None,
        "status": status,
        "commit": edited.commit,
    }
    return Answer("glossary.edit", data, warnings=edited.warnings)
