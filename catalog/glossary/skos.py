"""Glossaries as SKOS, in Turtle or JSON-LD. Equal glossaries, equal bytes. What means a term is no part of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from catalog.glossary.vocabulary import Vocabulary, Word
from catalog.model import skos
from catalog.model.names import Urn
from catalog.model.texts import language_of
from catalog.refs import encode


class Literal(NamedTuple):
    """A text, in a language if one is known."""

    text: str
    language: str | None = None


class Iri(NamedTuple):
    """An address, or a name with a prefix."""

    text: str


class Triple(NamedTuple):
    subject: str
    property: str
    value: Literal | Iri | bool


_UNSAFE: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED: Final = re.compile(r'[\\"\x00-\x1f\x7f]')


def triples(vocabularies: Iterable[Vocabulary]) -> Iterator[Triple]:
    """Yields what SKOS says of glossaries, subject by subject."""
    found = list(vocabularies)
    addresses = {word.urn: _address(word.urn, word.said) for v in found for word in v.words}
    for one in found:
        scheme = _address(Urn("glossary", ("", one.name)), one.said)
        language = one.said.get("language")
        yield Triple(scheme, "rdf:type", Iri("skos:ConceptScheme"))
        yield Triple(scheme, skos.LABEL, Literal(one.name, language))
        if language:
            yield Triple(scheme, "dct:language", Literal(language))
        if one.said.get("description"):
            yield Triple(scheme, "dct:description", Literal(one.said["description"], language))
        for word in one.words:
            if word.implied and not word.ties:
                continue
            yield from _word(word, scheme, language, addresses)


def _word(word: Word, scheme: str, language: str | None, addresses: Mapping[Urn, str]) -> Iterator[Triple]:
    subject, said = addresses[word.urn], word.said
    yield Triple(subject, "rdf:type", Iri("skos:Concept"))
    yield Triple(subject, "skos:inScheme", Iri(scheme))
    yield Triple(subject, skos.LABEL, Literal(word.urn.name, language))
    yield from (Triple(subject, skos.LABEL, _literal(text, None)) for text in said.get("labels") or ())
    if said.get("definition"):
        yield Triple(subject, skos.DEFINITION, Literal(said["definition"], language))
    yield from (Triple(subject, skos.DEFINITION, _literal(text, None)) for text in said.get("definitions") or ())
    for name, property_ in skos.LISTS.items():
        yield from (Triple(subject, property_, _literal(text, language)) for text in said.get(name) or ())
    for name, property_ in skos.TEXTS.items():
        if said.get(name):
            yield Triple(subject, property_, Literal(said[name]))
    if said.get("status") == "deprecated":
        yield Triple(subject, "owl:deprecated", True)
    yield from _ties(word, subject, addresses)
    yield from _rest(word, subject)


def _ties(word: Word, subject: str, addresses: Mapping[Urn, str]) -> Iterator[Triple]:
    for name, other in word.ties:
        end = Iri(addresses.get(other) or str(other))
        implied = skos.KINDS_OF_BROADER.get(name)
        if implied:
            yield Triple(subject, skos.RELATIONS[implied], end)
        yield Triple(subject, skos.RELATIONS.get(name) or skos.OTHER_RELATION + quote(name, safe=""), end)


def _rest(word: Word, subject: str) -> Iterator[Triple]:
    """Yields what SKOS has no property for, and what was kept as it came."""
    said = word.said
    meta = dict(json.loads(said["meta"])) if said.get("meta") else {}
    for property_ in skos.KEPT:
        for text in meta.pop(property_, ()):
            iri = text.startswith("<") and text.endswith(">")
            yield Triple(subject, property_, Iri(_safe(text[1:-1])) if iri else _literal(text, None))
    if meta:
        yield Triple(subject, skos.META, Literal(json.dumps(meta, ensure_ascii=False, sort_keys=True)))
    for role, agent in word.agents:
        if (role, agent.name) != ("steward", said.get("steward")):
            yield Triple(subject, skos.ANSWERS, Literal(f"{role}: {agent.name}"))
    for tag in word.tags:
        text = "/".join(encode(part).replace("/", "%2F") for part in tag.parts if part)
        yield Triple(subject, skos.TAG, Literal(text))
    lists = {name: list(said[name]) for name in (*skos.LISTS, "labels", "definitions") if said.get(name)}
    order = {name: items for name, items in lists.items() if items != sorted(items)}
    if order:
        yield Triple(subject, skos.ORDER, Literal(json.dumps(order, ensure_ascii=False, sort_keys=True)))


def _literal(text: str, language: str | None) -> Literal:
    """Returns a text in its own language; one without is in that of the glossary."""
    bare, own = language_of(text)
    return Literal(bare, own) if own else Literal(text, language)


def _address(urn: Urn, said: Mapping[str, Any]) -> str:
    return _safe(said["iri"]) if said.get("iri") else str(urn)


def _safe(iri: str) -> str:
    return _UNSAFE.sub(lambda found: quote(found[0], safe=""), iri)


# --- notations --------------------------------------------------------------------------------------------------------


def turtle(vocabularies: Iterable[Vocabulary]) -> str:
    """Returns glossaries in Turtle."""
    lines = [f"@prefix {prefix}: <{address}> ." for prefix, address in skos.PREFIXES.items()]
    for subject, properties in _grouped(vocabularies).items():
        said = [f"{_predicate(name)} {', '.join(values)}" for name, values in properties.items()]
        lines.append(f"\n<{subject}> " + " ;\n    ".join(said) + " .")
    return "\n".join(lines) + "\n"


def _grouped(vocabularies: Iterable[Vocabulary]) -> dict[str, dict[str, list[str]]]:
    found: dict[str, dict[str, list[str]]] = {}
    for subject, name, value in triples(vocabularies):
        values = found.setdefault(subject, {}).setdefault(name, [])
        written = _in_turtle(value)
        if written not in values:
            values.append(written)
    return found


def _predicate(name: str) -> str:
    return "a" if name == "rdf:type" else f"<{name}>" if name.startswith(skos.OTHER_RELATION) else name


def _in_turtle(value: Literal | Iri | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Iri):
        return value.text if value.text in ("skos:Concept", "skos:ConceptScheme") else f"<{value.text}>"
    escaped = _ESCAPED.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04X}", value.text)
    return f'"{escaped}"' + (f"@{value.language}" if value.language else "")


def json_ld(vocabularies: Iterable[Vocabulary]) -> str:
    """Returns glossaries in JSON-LD; its context is in it, so that nothing has to be fetched to read it."""
    nodes: dict[str, dict[str, Any]] = {}
    for subject, name, value in triples(vocabularies):
        node = nodes.setdefault(subject, {"@id": subject})
        if name == "rdf:type":
            assert isinstance(value, Iri)
            node.setdefault("@type", []).append(value.text)
            continue
        values = node.setdefault(name, [])
        written = _in_json(value)
        if written not in values:
            values.append(written)
    document = {
        "@context": {p: {"@id": a, "@prefix": True} for p, a in skos.PREFIXES.items()},
        "@graph": [*nodes.values()],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _in_json(value: Literal | Iri | bool) -> Any:
    if isinstance(value, Iri):
        return {"@id": value.text}
    if isinstance(value, Literal):
        return {"@value": value.text} | ({"@language": value.language} if value.language else {})
    return {"@value": value}
