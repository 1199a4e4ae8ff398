"""Glossaries as files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from catalog.glossary.skos import json_ld, turtle
from catalog.glossary.table import glossary_csv
from catalog.glossary.vocabulary import Vocabulary, vocabularies
from catalog.model.errors import UsageError
from catalog.refs import Refs
from catalog.store.port import Store

_FORMS: Final[Mapping[str, Callable[[Refs, Iterable[Vocabulary]], str]]] = {
    "csv": glossary_csv,
    "skos-turtle": lambda _, found: turtle(found),
    "skos-jsonld": lambda _, found: json_ld(found),
}


def export_glossaries(store: Store, refs: Refs, names: Iterable[str], form: str) -> str:
    """Returns glossaries, all of them if none is named, in a form: csv, skos-turtle or skos-jsonld.

    Raises:
        NotFoundError: there is no glossary of a name.
        UsageError: there is no such form.
    """
    if form not in _FORMS:
        raise UsageError(f"{form!r} is no form of a glossary: expected {', '.join(_FORMS)}. Write one of them.")
    return _FORMS[form](refs, vocabularies(store, names))
