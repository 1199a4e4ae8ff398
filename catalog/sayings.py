"""What a person says, as facts: built and checked, with words that say what is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from catalog.model.edges import ANY, EDGES, Edge, Flow
from catalog.model.errors import UsageError
from catalog.model.facts import Fact
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND, Node, Tag, Term

LINEAGE: Final = tuple(cls for cls in EDGES if cls.flow in (Flow.VALUE, Flow.ROWS, Flow.TABLE, Flow.RUN))
"""Edges that say that one thing stands on another."""

_MAX_CHARS: Final = 100_000
_FRACTION: Final = re.compile(r"0(\.\d{1,9})?|1(\.0{1,9})?")


def node_said(urn: Urn, said: Mapping[str, Any]) -> Node:
    """Returns a node with what is said of it.

    Raises:
        UsageError: a property does not fit.
    """
    cls = BY_KIND[urn.kind]
    try:
        return cls(**dict(zip(cls.key_fields(), urn.parts, strict=True)), **said)
    except ValidationError as err:
        raise _wrong(err) from err


def edge_said(cls: type[Edge], start: Urn, end: Urn, **said: Any) -> Edge:
    """Returns an edge with what is said of it.

    Raises:
        UsageError: it cannot tie the two, or a property does not fit.
    """
    for role, allowed, urn in (("start", cls.starts, start), ("end", cls.ends, end)):
        if allowed != ANY and urn.kind not in allowed:
            names = ", ".join(sorted(BY_KIND[kind].label() for kind in allowed))
            raise UsageError(
                f"{cls.type()} cannot {role} at {str(urn)!r}, which is a {BY_KIND[urn.kind].label()}: expected {names}."
            )
    try:
        return cls(start=start, end=end, **said)
    except ValidationError as err:
        raise _wrong(err) from err


def lineage_class(derived: Urn, source: Urn, type_: str | None) -> type[Edge]:
    """Returns the class of lineage of a type, or the first that fits two things.

    Raises:
        UsageError: there is none.
    """
    fits = [c for c in LINEAGE if _fits(c.starts, derived) and _fits(c.ends, source) and c.type() != "SAME_CONTENT"]
    if type_ is not None:
        fits = [c for c in LINEAGE if c.type() == type_]
    if not fits:
        choices = ", ".join(c.type() for c in LINEAGE)
        what = repr(type_) if type_ else f"a {BY_KIND[derived.kind].label()} on a {BY_KIND[source.kind].label()}"
        raise UsageError(f"{what} is no lineage: expected an edge of type {choices}. Name two things that one fits.")
    return fits[0]


def _fits(allowed: frozenset[str], urn: Urn) -> bool:
    return allowed == ANY or urn.kind in allowed


def defaults_of(cls: type[Edge]) -> dict[str, Any]:
    """Returns what an edge must say, where a person leaves it out."""
    known = {
        "DERIVES_FROM": {"subtype": "transformation"},
        "INFLUENCED_BY": {"subtype": "filter"},
        "USES_FEATURE": {"role": "feature"},
    }
    return known.get(cls.type(), {})


def checked_confidence(text: str | None) -> str | None:
    """Returns a confidence as it is written.

    Raises:
        UsageError: it is no number from 0 to 1.
    """
    if text is not None and not _FRACTION.fullmatch(text.strip()):
        raise UsageError(f"{text[:40]!r} is no confidence: expected a number from 0 to 1, such as 0.8. Write one.")
    return text if text is None else text.strip()


def _wrong(err: ValidationError) -> UsageError:
    problem = err.errors()[0]
    where = ".".join(map(str, problem["loc"]))
    return UsageError(f"{where} is {str(problem['input'])[:80]!r}: {problem['msg'].lower()}. Mend it.")


def check_size(fact: Fact) -> None:
    """Refuses a fact that is longer than a person may say, or is no text."""
    if len(fact.body) > _MAX_CHARS:  # also refuses what is no text
        raise UsageError(f"The text has more than {_MAX_CHARS} characters. Say it shorter.")


def term_urn(glossary: str, label: str) -> Urn:
    """Returns the urn of a term, which need not exist yet.

    Raises:
        UsageError: a part is empty.
    """
    if not glossary.strip() or not label.strip():
        raise UsageError("A term needs a glossary and a label. Give both.")
    return Term(namespace=glossary, name=label).urn


def agent_urn(name: str) -> Urn:
    """Returns the urn of a person or team by name; addresses are folded.

    Raises:
        UsageError: the name is empty.
    """
    bare = name.strip()
    if not bare:
        raise UsageError("An owner needs a name. Give an address or the name of a team, or null to take yours back.")
    return Urn("agent", ("", bare.lower() if "@" in bare else bare))


def tag_urn(name: str) -> Urn:
    """Returns the urn of a tag, which need not exist yet; `SET/NAME` is one of a set.

    Raises:
        UsageError: the name is empty.
    """
    namespace, slash, bare = name.strip().rpartition("/")
    if not bare:
        raise UsageError("A tag needs a name. Give one, such as tag:pii or tag:law/secret.")
    return Tag(namespace=namespace if slash else "", name=bare).urn
