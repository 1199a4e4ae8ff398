"""SKOS in Turtle, N-Triples, JSON-LD or RDF/XML. Nothing is fetched: a context or an entity from elsewhere is refused.

A concept scheme is a glossary, and its concepts are terms. The preferred label in the language of the scheme is the name of a term;
the others are kept with their language. Of two concepts with one label, the later by address is called `LABEL (END OF ITS ADDRESS)`.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from catalog.model import skos
from catalog.model.errors import InvalidNameError, SourceError
from catalog.model.facts import Origin
from catalog.model.names import Urn
from catalog.model.texts import tagged
from ingestors.glossary import fields as f
from ingestors.glossary.own import OWN
from ingestors.glossary.rows import Row, Rows, TermRef, Tie
from ingestors.reading import Reader

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

SUFFIXES: Final[Mapping[str, str]] = {
    ".ttl": "turtle", ".turtle": "turtle", ".nt": "nt", ".jsonld": "json-ld", ".json-ld": "json-ld", ".json": "json-ld",
    ".rdf": "xml", ".xml": "xml", ".owl": "xml",
}  # fmt: skip
_ENTITY: Final = re.compile(r"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_STATUSES: Final = (
    "http://www.w3.org/ns/adms#status", "http://purl.org/iso25964/skos-thes#status",
    "http://publications.europa.eu/ontology/euvoc#status",
)  # fmt: skip


def read_skos(reader: Reader, path: Path, form: str) -> Rows:
    """Reads a file of SKOS.

    Args:
        form: Name of the notation, one of `SUFFIXES`.

    Raises:
        SourceError: it cannot be read, would have to be fetched from elsewhere, or what reads RDF is not installed.
    """
    return _Scheme(_graph(reader, path, form), reader.label(path)).rows()


def _graph(reader: Reader, path: Path, form: str) -> Graph:
    label = reader.label(path)
    try:
        from rdflib import Graph
    except ImportError as err:
        raise SourceError(label, "is RDF, which needs rdflib", "Install it: pip install 'headwater[skos]'.") from err
    text = _checked(reader, path, label, form)
    try:
        with warnings.catch_warnings():  # of its own use of what it deprecates
            warnings.simplefilter("ignore")
            return Graph().parse(data=text, format=form)
    except Exception as err:  # what the parsers raise is of many kinds
        said = " ".join(str(err).split())[:200]
        raise SourceError(label, f"is no {form}: {type(err).__name__}: {said}", "Mend it, or name its form.") from err


def _checked(reader: Reader, path: Path, label: str, form: str) -> str:
    if form == "json-ld":
        document = reader.json(path)
        if _fetches(document):
            raise SourceError(label, "has a context that would have to be fetched", "Write the context into the file.")
        return json.dumps(document)
    text = reader.text(path)
    if form == "xml" and _ENTITY.search(text):
        raise SourceError(label, "declares a document type or entities", "Write it without, or as Turtle.")
    return text


def _fetches(value: Any) -> bool:
    """Whether JSON-LD names a context that is not in it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            context = one.get("@context")
            if (
                any(isinstance(c, str) for c in (context if isinstance(context, list) else [context]))
                or "@import" in one
            ):
                return True
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return False


class _Scheme:
    """The concepts of one file, on their way to rows."""

    def __init__(self, graph: Graph, label: str) -> None:
        self._graph, self._label = graph, label

    def rows(self) -> Rows:
        found = Rows(rows=[self._row(concept) for concept in self._names])
        for row, concept in zip(found.rows, self._names, strict=True):
            scheme = self._scheme(concept)
            row.about = {} if scheme is None else self._about(scheme)
        if len(self._schemes) == 1:
            (only,) = self._schemes
            found.about = self._about(only)
        return found

    # --- what there is

    @cached_property
    def _concepts(self) -> list[Node]:
        typed = set(self._graph.subjects(self._iri("rdf:type"), self._iri("skos:Concept")))
        labelled = set(self._graph.subjects(self._iri(skos.LABEL), None)) - set(self._schemes)
        return sorted(typed | labelled, key=str)

    @cached_property
    def _schemes(self) -> dict[Node, str]:
        """Concept schemes with their names."""
        typed = set(self._graph.subjects(self._iri("rdf:type"), self._iri("skos:ConceptScheme")))
        used = set(self._graph.objects(None, self._iri("skos:inScheme")))
        return {scheme: self._scheme_name(scheme) for scheme in sorted(typed | used, key=str)}

    def _scheme_name(self, scheme: Node) -> str:
        urn = _urn(str(scheme), "glossary")
        if urn is not None:
            return urn.name
        labels = [text for p in (skos.LABEL, "dct:title", "rdfs:label") for text, _ in self._texts(scheme, p)]
        return labels[0] if labels else _tail(str(scheme))

    def _about(self, scheme: Node) -> dict[str, str]:
        said = {
            "glossary": self._schemes[scheme],
            "language": self._languages.get(scheme) or self._one(scheme, "dct:language"),
            "description": self._one(scheme, "dct:description") or self._one(scheme, skos.DEFINITION),
            "iri": None if _urn(str(scheme), "glossary") else _address(scheme),
        }
        return {key: text for key, text in said.items() if text}

    @cached_property
    def _names(self) -> dict[Node, tuple[str | None, str]]:
        """Each concept with the glossary and the name that it gets."""
        found: dict[Node, tuple[str | None, str]] = {}
        taken: set[tuple[str | None, str]] = set()
        for concept in self._concepts:
            urn = _urn(str(concept), "term")
            scheme = self._scheme(concept)
            glossary = urn.namespace if urn else self._schemes[scheme] if scheme is not None else None
            name = urn.name if urn else self._label_of(concept)
            if (glossary, name.casefold()) in taken:
                name = f"{name} ({_tail(str(concept))})"
            taken.add((glossary, name.casefold()))
            found[concept] = (glossary, name)
        return found

    def _scheme(self, concept: Node) -> Node | None:
        named = [
            *self._graph.objects(concept, self._iri("skos:inScheme")),
            *self._graph.objects(concept, self._iri("skos:topConceptOf")),
            *self._graph.subjects(self._iri("skos:hasTopConcept"), concept),
        ]
        known = sorted((scheme for scheme in named if scheme in self._schemes), key=str)
        return known[0] if known else next(iter(self._schemes)) if len(self._schemes) == 1 else None

    def _language(self, concept: Node) -> str | None:
        return self._languages.get(self._scheme(concept))

    @cached_property
    def _languages(self) -> dict[Node | None, str | None]:
        """The language of each scheme: as it says, else one that every concept of it has a label in."""
        common: dict[Node | None, set[str | None]] = {}
        for concept in self._concepts:
            scheme = self._scheme(concept)
            spoken = {language for _, language in self._texts(concept, skos.LABEL)}
            common[scheme] = common.get(scheme, spoken) & spoken
        return {
            scheme: (scheme is not None and self._one(scheme, "dct:language"))
            or (None if None in spoken or not spoken else "en" if "en" in spoken else min(map(str, spoken)))
            for scheme, spoken in common.items()
        }

    def _label_of(self, concept: Node) -> str:
        """Returns the label in the language of the scheme, else the one without a language, else English, else the first."""
        labels = {language: text for text, language in reversed(self._texts(concept, skos.LABEL))}
        for language in (self._language(concept), None, "en"):
            if language in labels:
                return labels[language]
        return next(iter(labels[language] for language in sorted(labels, key=str)), _tail(str(concept)))

    # --- one concept

    def _row(self, concept: Node) -> Row:
        glossary, name = self._names[concept]
        row = Row(Origin(self._label, str(concept)), name, glossary)
        language = self._language(concept)
        label = self._label_of(concept)
        if name != label:
            row.texts["title"] = label
        self._labels(row, concept, language, label)
        for target, property_ in skos.LISTS.items():
            texts = self._texts(concept, property_)
            if texts:
                row.lists[target] = [tagged(text, None if own == language else own) for text, own in texts]
        for target, property_ in skos.TEXTS.items():
            text = self._one(concept, property_)
            if text and target != "status":
                row.texts[target] = text
        if not _urn(str(concept), "term") and _address(concept):
            row.texts["iri"] = str(concept)
        self._status(row, concept)
        self._rest(row, concept)
        row.ties = list(self._ties(concept, row.origin))
        return row

    def _labels(self, row: Row, concept: Node, language: str | None, label: str) -> None:
        others = [
            (text, own)
            for text, own in self._texts(concept, skos.LABEL)
            if text != label or own not in (language, None)
        ]
        if others:
            row.lists["labels"] = [tagged(text, own) for text, own in others]
        for text, own in self._texts(concept, skos.DEFINITION):
            if "definition" not in row.texts and own in (language, None):
                row.texts["definition"] = text
            else:
                row.lists.setdefault("definitions", []).append(tagged(text, own))

    def _status(self, row: Row, concept: Node) -> None:
        said = self._one(concept, skos.TEXTS["status"])
        said = said or next((text for p in _STATUSES for text in self._objects(concept, p)), None)
        if said:
            f.status(strict=False)(row, _tail(said), row.origin)
        elif any(text.casefold() == "true" for text in self._objects(concept, skos.expanded("owl:deprecated"))):
            row.texts["status"] = "deprecated"

    def _rest(self, row: Row, concept: Node) -> None:
        meta = self._one(concept, skos.META)
        row.meta = f.json_object(meta) if meta else {}
        for property_ in skos.KEPT:
            kept = [tagged(text, own) for text, own in self._texts(concept, property_)]
            kept += [f"<{other}>" for other in self._others(concept, property_) if other not in self._names]
            if kept:
                row.meta[property_] = kept
        for text, _ in self._texts(concept, skos.ANSWERS):
            role, _, who = text.partition(": ")
            f.agent(row, role, who) if role != "steward" else row.agents.append((role, who))
        tags = [text for text, _ in self._texts(concept, skos.TAG)]
        if tags:
            OWN.fields["tags"](row, tags, row.origin)
        self._put_in_order(row, self._one(concept, skos.ORDER))

    def _put_in_order(self, row: Row, order: str | None) -> None:
        """Puts lists into the order that is told: RDF has none."""
        told = f.json_object(order) if order else {}
        for name, items in row.lists.items():
            if isinstance(told.get(name), list) and sorted(map(str, told[name])) == sorted(items):
                row.lists[name] = [str(item) for item in told[name]]

    def _ties(self, concept: Node, origin: Origin) -> Iterator[Tie]:
        found: dict[Node, set[str]] = {}
        for name, property_ in skos.RELATIONS.items():
            for other in self._others(concept, property_):
                found.setdefault(other, set()).add(name)
        for predicate, other in self._graph.predicate_objects(concept):
            if str(predicate).startswith(skos.OTHER_RELATION):
                found.setdefault(other, set()).add(unquote(str(predicate).removeprefix(skos.OTHER_RELATION)))
        for other in sorted(found, key=str):
            implied = {skos.KINDS_OF_BROADER.get(name) for name in found[other]}
            for name in sorted(found[other] - implied):
                ref = self._ref(other)
                if ref is not None or skos.RELATIONS.get(name) not in skos.KEPT:
                    yield Tie(name, ref or TermRef(str(other), (str(other),)), origin)

    def _ref(self, other: Node) -> TermRef | None:
        if other in self._names:
            glossary, name = self._names[other]
            return TermRef(str(other), (name,), glossary)
        urn = _urn(str(other), "term")
        return TermRef(str(other), (urn.name,), urn.namespace) if urn else None

    # --- the graph

    def _iri(self, name: str) -> Node:
        from rdflib import URIRef

        return URIRef(skos.expanded(name) if name.partition(":")[0] in skos.PREFIXES else name)

    def _texts(self, subject: Node, property_: str) -> list[tuple[str, str | None]]:
        """Returns the literals of a property with their languages, in order."""
        from rdflib import Literal

        found = [o for o in self._graph.objects(subject, self._iri(property_)) if isinstance(o, Literal)]
        return sorted(((str(o), o.language) for o in found), key=lambda t: (tagged(*t), t[0]))

    def _one(self, subject: Node, property_: str) -> str | None:
        texts = self._texts(subject, property_)
        return texts[0][0] if texts else None

    def _objects(self, subject: Node, address: str) -> list[str]:
        return sorted(str(o) for o in self._graph.objects(subject, self._iri(address)))

    def _others(self, subject: Node, property_: str) -> list[Node]:
        from rdflib import Literal

        found = (o for o in self._graph.objects(subject, self._iri(property_)) if not isinstance(o, Literal))
        return sorted(found, key=str)


def _urn(text: str, kind: str) -> Urn | None:
    """Returns what an address of ours names."""
    if not text.startswith(f"hw:{kind}:"):
        return None
    try:
        urn = Urn.parse(text)
    except (InvalidNameError, UnicodeDecodeError):
        return None
    return urn if len(urn.parts) == 2 and urn.name else None


def _address(node: Node) -> str | None:
    from rdflib import URIRef

    return str(node) if isinstance(node, URIRef) else None


def _tail(address: str) -> str:
    """Returns the end of an address, behind the last of its separators."""
    bare = address.rstrip("/#:")
    return unquote(bare[max(bare.rfind(mark) for mark in "/#:") + 1 :]) or address
