"""What of a model version's lineage is not known: where a rule cannot say that nothing else gets in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from catalog.identity import find_all
from catalog.model.canonical import loads
from catalog.model.names import Urn
from catalog.provenance import ModelStory
from catalog.starting import lift

_HARMLESS = frozenset({"newer_format", "undated", "ignored", "redacted", "rolled_back"})


def gaps_of(story: ModelStory, lineage: str, bare: Collection[Urn]) -> list[str]:
    """Returns the gaps as sentences, without a period.

    A statement whose names could not be resolved is no gap where another source tells exactly what its target is made from.
    """
    training = story.training
    found = [] if training.inputs or training.features else ["no data that it was trained on is known"]
    if story.at is None:
        found.append("it is not known when it was trained")
    if lineage == "value":
        found += _features(story)
    found += [f"where the data {urn.name} comes from is not known" for urn in sorted(bare)]
    return found + _not_understood(story, lineage)


def _features(story: ModelStory) -> list[str]:
    if not story.training.features:
        return ["none of its features is known"]
    sources = {urn for urn, source in story.sources().items() if source.terminal}
    onward = story.values.onward()
    by_name: defaultdict[str, list[bool]] = defaultdict(list)
    for link in story.training.features:
        is_source = link.end.kind == "column" and lift(link.end) in sources
        by_name[link.end.parts[-1]].append(is_source or bool(onward.get(link.end, set()) - {link.end}))
    return [f"the feature {name} has no known source" for name, ends in sorted(by_name.items()) if not any(ends)]


def _not_understood(story: ModelStory, lineage: str) -> list[str]:
    upstream = {str(urn) for urn, s in story.sources().items() if lineage == "table" or s.flow == "value"}
    edges = [*story.values.edges, *(story.tables.edges if lineage == "table" else ())]
    exact = {str(lift(e.link.start)) for e in edges if e.link.exactness in ("exact", "declared")}
    about: dict[Urn, str] = {}
    for node in find_all(story.store, ["skipped"]):
        said = node.properties
        subjects = {str(lift(Urn.parse(text))) for text in said.get("subjects") or ()} & upstream
        if said.get("code") == "unresolved":
            subjects -= exact
        if subjects and said.get("code") not in _HARMLESS:
            about[node.urn] = f"{said.get('place')}: {said.get('message') or said.get('code')}".rstrip(".")
    held = {loads(c.body)["node"] for c in story.store.claims(about, history=True) if story.then.holds(c)}
    return sorted({text for urn, text in about.items() if str(urn) in held})
