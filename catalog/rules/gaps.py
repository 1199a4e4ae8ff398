"""What of the lineage of model versions is not known: where a rule cannot say that nothing else gets in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from catalog.identity import find_all
from catalog.model.canonical import loads
from catalog.model.names import Urn
from catalog.provenance.grounds import bits
from catalog.rules.lineages import Lineage
from catalog.starting import lift
from catalog.store.port import Key, NodeState

_HARMLESS = frozenset({"newer_format", "undated", "ignored", "redacted", "rolled_back"})
_TOLD = frozenset({"exact", "declared"})


class Gaps:
    """The gaps in the lineage of all model versions at one level."""

    def __init__(self, lineage: Lineage) -> None:
        self._lineage, self._grounds = lineage, lineage.grounds

    def of(self, question: int) -> list[str]:
        """Returns the gaps of one version as sentences, without a period."""
        training, bit = self._grounds.trainings[question], 1 << question
        found = [] if training.inputs or training.features else ["no data that it was trained on is known"]
        if training.at is None:
            found.append("it is not known when it was trained")
        if self._lineage.level == "value":
            found += self._features(question)
        terminals = self._grounds.terminals
        bare = (self._grounds.datasets[k] for k, m in self._grounds.bare.items() if m & terminals.get(k, 0) & bit)
        found += [f"where the data {urn.name} comes from is not known" for urn in sorted(bare)]
        return found + self._not_understood.get(question, [])

    def _features(self, question: int) -> list[str]:
        training, values, bit = self._grounds.trainings[question], self._grounds.values, 1 << question
        if not training.features:
            return ["none of its features is known"]
        by_name: defaultdict[str, list[bool]] = defaultdict(list)
        for link in training.features:
            key = self._grounds.start_keys[link.end]
            owner = values.owners[key]
            is_source = owner != key and bool(self._grounds.terminals.get(owner, 0) & bit)
            led = any(far != key for far in values.net.beyond(key, question))
            by_name[link.end.parts[-1]].append(is_source or led)
        return [f"the feature {name} has no known source" for name, ends in sorted(by_name.items()) if not any(ends)]

    @cached_property
    def _not_understood(self) -> dict[int, list[str]]:
        """What readers did not understand about the data sets upstream, by version.

        A statement whose names could not be resolved is no gap where another source tells exactly what its target is made from.
        """
        skipped = [n for n in find_all(self._grounds.store, ["skipped"]) if n.properties.get("code") not in _HARMLESS]
        keys = self._grounds.store.keys({urn for node in skipped for urn in _subjects(node)})
        concerned = {node.urn: mask for node in skipped if (mask := self._concerned(node, keys))}
        held: defaultdict[Urn, int] = defaultdict(int)
        claims = self._grounds.store.claims(concerned.keys(), history=True)
        for claim, mask in zip(claims, self._grounds.then.hold(claims), strict=True):
            held[Urn.parse(loads(claim.body)["node"])] |= mask
        found: defaultdict[int, set[str]] = defaultdict(set)
        for node in skipped:
            said = node.properties
            text = f"{said.get('place')}: {said.get('message') or said.get('code')}".rstrip(".")
            for question in bits(concerned.get(node.urn, 0) & held[node.urn]):
                found[question].add(text)
        return {question: sorted(texts) for question, texts in found.items()}

    def _concerned(self, node: NodeState, keys: dict[Urn, Key]) -> int:
        """Returns the versions that stand on something that a statement may have said something about."""
        found = 0
        for urn in _subjects(node):
            key = keys.get(urn)
            mask = self._lineage.sets.get(key, 0) if key is not None else 0
            if mask and key is not None and node.properties.get("code") == "unresolved":
                mask &= ~self._exact.get(key, 0)
            found |= mask
        return found

    @cached_property
    def _exact(self) -> dict[Key, int]:
        """The versions for which it is told exactly what a data set is made from."""
        grounds, found = self._grounds, defaultdict[Key, int](int)
        trails = [(grounds.values, grounds.valued)]
        trails += [(grounds.tables, grounds.tabled)] if self._lineage.level == "table" else []
        for trail, reached in trails:
            for strand in trail.strands:
                for near in strand.near if strand.exactness in _TOLD else ():
                    found[trail.owners.get(near, near)] |= strand.held & reached.get(near, 0)
        return found


def _subjects(node: NodeState) -> Iterable[Urn]:
    return {lift(Urn.parse(text)) for text in node.properties.get("subjects") or ()}
