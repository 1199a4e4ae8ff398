"""Every store answers alike about the glossary: imports and their dry runs, statuses, labels by lineage, suggestions, exports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalog.classification.labelling import labels_everywhere, labels_of
from catalog.classification.suggesting import suggest, unlabelled
from catalog.edits import Editor
from catalog.glossary.exporting import export_glossaries
from catalog.glossary.importing import import_glossary, read_whole
from catalog.glossary.stewardship import status_history
from catalog.model.facts import element_of
from catalog.model.ingest import Context, Source
from catalog.model.instants import instant
from catalog.model.names import Urn
from catalog.refs import Refs
from catalog.show import show
from catalog.store.memory import MemoryStore
from catalog.store.port import Author, ChangeSet, Store
from ingestors.glossary import GlossaryIngestor, GlossaryOptions
from tests.catalogs import NAMESPACES, col, edge, flow, snapshot
from tests.labelled_estates import labelled_estate

FIRST = "term,status,synonyms,broader,columns\nEmail,draft,e-mail,Personal,pg:raw#mail\nPersonal,,,,\nOld,,,,\n"
SECOND = "term,status,synonyms,broader,columns\nEmail,proposed,e-mail;mail,Personal,pg:raw#mail\nPersonal,,,Nothing,\n"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def told(store: Store, root: Path) -> list[Any]:
    """Returns all that a store answers while the same things happen to it."""
    clock = Clock()
    flows = [flow("mart.mail", "raw.mail"), flow("mart.hash", "raw.mail", "transformation", masking=True),
             flow("mart.top", "mart.mail", "aggregation"), edge("TAGGED", col("raw.mail"), Urn("tag", ("", "pii")))]  # fmt: skip
    store.apply(ChangeSet(snapshots=(snapshot(flows),)), Author("2026-03-01T00:00:00Z", "ana", "dbt"))
    said: list[Any] = []
    for text in (FIRST, SECOND, SECOND):
        (root / "terms.csv").write_text(text)
        now = instant(clock())
        context = Context("terms", root, NAMESPACES, now, now)
        source = Source("terms", "glossary", GlossaryIngestor(GlossaryOptions(path="terms.csv")), context)
        for dry_run in (True, False):
            refs = Refs(store, NAMESPACES)
            given = read_whole(source)
            answer = import_glossary(store, refs, source, given, clock=clock, actor="ana", dry_run=dry_run)
            said.append(answer.data)
    refs, editor, term = (
        Refs(store, NAMESPACES),
        Editor(store, clock=clock, actor="ana"),
        Urn("term", ("terms", "Email")),
    )
    editor.move_term(term, "approved")
    editor.move_link(col("raw.mail"), term, "approved", "checked")
    editor.unlink_term(col("mart.mail"), Urn("tag", ("", "pii")))
    said += [status_history(store, refs, term).data, status_history(store, refs, term, col("raw.mail")).data]
    said += [labels_everywhere(store, refs).data, labels_of(store, refs, [col("mart.mail"), col("raw.mail")]).data]
    said += [show(store, refs, col("mart.mail")).data, suggest(store, refs, unlabelled(store))[0].data]
    return said + [export_glossaries(store, refs, [], form) for form in ("csv", "skos-turtle", "skos-jsonld")]


def test_all_that_a_glossary_goes_through_is_told_alike(store: Store, tmp_path: Path) -> None:
    assert told(store, tmp_path) == told(MemoryStore(), tmp_path)


def test_suggestions_for_a_whole_estate_are_alike(store: Store) -> None:
    estate = labelled_estate(3)
    claims = snapshot([element_of(claim.body) for claim in estate.store.all_claims()])
    store.apply(ChangeSet(snapshots=(claims,)), Author("2026-03-01T00:00:00Z", "ana", "dbt"))
    asked = [suggest(one, Refs(one, NAMESPACES), unlabelled(one))[0].data for one in (store, estate.store)]
    assert asked[0]["suggestions"]
    assert asked[0] == asked[1]
