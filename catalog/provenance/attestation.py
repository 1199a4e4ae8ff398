"""What an auditor is handed about a model version or a decision: data, consents, plans, with proofs that the log holds it all.

The lineage digest is over what provenance says. Recorded, it binds the registry's entry to its lineage: a later attestation
says whether the lineage is still what it was.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from catalog.answers import Answer, Data, node
from catalog.decisions import commit
from catalog.intake import SourceReport
from catalog.links import Link, link_all
from catalog.model.canonical import json_text, loads
from catalog.model.edges import Concerns
from catalog.model.errors import UsageError
from catalog.model.facts import Fact, Snapshot
from catalog.model.instants import Instant, day, instant, show
from catalog.model.names import Urn, dataset_of
from catalog.model.nodes import Report
from catalog.policies import Policies, Terms
from catalog.provenance.consents import ACTIVE, Document, consent_claims, documents_of
from catalog.provenance.proofs import prove
from catalog.provenance.story import ModelStory
from catalog.provenance.training import read_json
from catalog.refs import Refs
from catalog.store.port import Claim, Store

KIND: Final = "attestation"
PLAN: Final = "incident-plan"


@dataclass(frozen=True)
class Request:
    """When somebody asked, when they were answered, and how long that may take."""

    asked: datetime
    answered: datetime
    within_s: int | None = None

    def __post_init__(self) -> None:
        if self.asked > self.answered:
            raise UsageError(
                f"{show(instant(self.asked))!r} is ahead of now: expected when the request came in. Give an earlier time."
            )

    @property
    def elapsed_s(self) -> int:
        return int((self.answered - self.asked).total_seconds())

    def say(self) -> Data:
        in_time = None if self.within_s is None else self.elapsed_s <= self.within_s
        times = {"asked": show(instant(self.asked)), "answered": show(instant(self.answered))}
        return {**times, "elapsedSeconds": self.elapsed_s, "withinSeconds": self.within_s, "inTime": in_time}


def attest(
    store: Store, refs: Refs, subject: Urn, purposes: Sequence[str], request: Request, policies: Policies | None = None
) -> Answer:
    """Returns what stands behind a model version, or behind the one that gave a prediction, for an auditor.

    Args:
        purposes: What the model is used for, else what the policies say; without any, documents are listed and not judged.
        policies: On what terms models are used, and which status of a document is in force.

    Raises:
        UsageError: no model version is known that gave the prediction.
    """
    version = version_behind(store, refs, subject)
    known = policies or Policies()
    used_for = tuple(purposes) or known.models.get(version.name, Terms()).purposes
    found = _Attestation(store, refs, version, used_for, known.active_statuses(version.name) or ACTIVE)
    texts = refs.texts([subject, version])
    data = {"subject": node(texts, subject), "request": request.say(), **found.say()}
    return Answer(KIND, data, found.story.at, not data["missing"])


def version_behind(store: Store, refs: Refs, subject: Urn) -> Urn:
    """Returns the model version that is meant, or that gave the prediction.

    Raises:
        UsageError: none is known.
    """
    if subject.kind == "modelversion":
        return subject
    given = link_all(store, store.keys([subject]).values(), ["PREDICTED_BY"])
    versions = [link.end for link in given if link.end.kind == "modelversion"]
    if not versions:
        raise UsageError(
            f"{refs.format(subject)!r}: no model version is known behind it: expected a model version or a prediction. "
            "`headwater search --kind modelversion` lists them."
        )
    return versions[0]


class _Attestation:
    """What is attested of one model version."""

    def __init__(
        self, store: Store, refs: Refs, version: Urn, purposes: tuple[str, ...], active: tuple[str, ...]
    ) -> None:
        self.store, self.refs, self.version, self.purposes, self.active = store, refs, version, purposes, active
        self.story = ModelStory(store, version)
        self.lineage = self.story.answer(refs).data
        self.told: dict[tuple[Any, bytes], tuple[Claim, Data]] = {}

    def say(self) -> Data:
        said = self.lineage
        self._tell_lineage()
        consents, plans = self._consents(), self._plans()
        recorded = self._recorded(digest := lineage_digest(said))
        proofs = self._proofs()
        return {
            "modelVersion": said["modelVersion"],
            "trainedAt": said["trainedAt"],
            "run": (said["run"] or {}).get("ref"),
            "commit": (said["code"] or {}).get("commit"),
            "artifact": self.story.training.properties.get("digest"),
            "datasets": [{key: one[key] for key in ("ref", "role", "algorithm", "digest")} for one in said["datasets"]],
            "purposes": list(self.purposes),
            "consents": consents,
            "withoutDocument": self._uncovered({one["source"] for one in consents}),
            "plans": plans,
            "lineageDigest": digest,
            "recorded": recorded,
            "proofs": proofs,
            "unproved": len(self.told) - len(proofs),
            "missing": said["missing"],
        }

    # --- what is to be proved

    def _tell(self, claim: Claim, about: Data) -> None:
        self.told.setdefault((claim.scope, claim.fact), (claim, about))

    def _tell_lineage(self) -> None:
        """The way from the version to its sources: what the run used, and every hop, each by its strongest claim."""
        keys = self.store.keys([self.version, *self.story.training.runs, *self.story.training.inputs])
        near = link_all(self.store, keys.values(), ["GENERATED_BY", "TRAINED_ON", "USED", "USES_FEATURE", "AT_COMMIT"])
        links = [*near, *(one.link for one in self.story.links)]
        links += self._names()
        texts = self.refs.texts([urn for link in links for urn in (link.start, link.end)])
        for link in links:
            if link.said:
                about = {"from": texts[link.end], "to": texts[link.start], "type": link.type}
                self._tell(link.said[0].claim, about)

    def _names(self) -> list[Link]:
        """The ties of identity that the walk crossed and that somebody stated."""
        return link_all(self.store, self.store.keys(self.story.tied).values(), ["ALIAS_OF"])

    def _proofs(self) -> list[Data]:
        found = prove(self.store, [claim for claim, _ in self.told.values()])
        proofs = [
            {"of": about, "origin": claim.origin, **found[key].say()}
            for key, (claim, about) in self.told.items()
            if key in found
        ]
        return sorted(proofs, key=lambda p: (p["number"], p["index"]))

    # --- consents and plans

    def _consents(self) -> list[Data]:
        """The documents of every source of which a value reaches the model, as of the training."""
        reached: dict[Urn, set[Urn]] = {}
        for urn in self.story.columns.values():
            if urn.kind in ("column", "dataset"):
                reached.setdefault(dataset_of(urn), set()).add(urn)
        places = [*reached, *(urn for urns in reached.values() for urn in urns)]
        documents = documents_of(self.store, self.story.then, consent_claims(self.store), places)
        texts = self.refs.texts([*documents, *(d.urn for found in documents.values() for d in found)])
        said = [self._consent(texts, urn, one) for urn, found in sorted(documents.items()) for one in found]
        return sorted(said, key=lambda one: (one["source"], one["document"]))

    def _consent(self, texts: Mapping[Urn, str], source: Urn, one: Document) -> Data:
        on = None if self.story.at is None else day(self.story.at).isoformat()
        for claim in one.claims:
            self._tell(claim, {"document": one.name})
        for claim in one.covering:
            self._tell(claim, {"from": texts[one.urn], "to": texts[source], "type": "COVERED_BY"})
        fault = None if on is None else one.validity_fault(on, self.active)
        refused = [purpose for purpose in self.purposes if purpose not in (one.said.get("purposes") or ())]
        return {
            "source": texts[source],
            "document": one.name,
            "status": one.said.get("status"),
            "purposes": list(one.said.get("purposes") or ()),
            "legalBasis": one.said.get("legal_basis"),
            "validFrom": one.said.get("valid_from"),
            "validTo": one.said.get("valid_to"),
            "validAtTraining": None if on is None else fault is None,
            "allowsPurpose": None if not self.purposes else not refused,
            "why": fault or (f"it does not name {', '.join(refused)}" if refused else None),
        }

    def _uncovered(self, covered: set[str]) -> list[str]:
        """Returns the data sets at the far end of values that no document names, nor a column of them."""
        ends = [one["ref"] for one in self.lineage["sources"] if one["terminal"] and one["flow"] == "value"]
        named = {ref.partition("#")[0] for ref in covered}
        return [ref for ref in ends if ref not in named]

    def _plans(self) -> list[Data]:
        """The incident plans that cover the model or the version."""
        model = Urn("model", self.version.parts[:2])
        covered = link_all(self.store, self.store.keys([model, self.version]).values(), ["COVERED_BY"])
        plans = {link.end: link for link in covered if link.end.kind == "policy"}
        states, texts = self.store.get(list(plans)), self.refs.texts(plans)
        said = []
        for urn, link in sorted(plans.items()):
            properties = states[urn].properties
            if properties.get("rule") != PLAN:
                continue
            self._tell(link.said[0].claim, {"plan": texts[urn]})
            steps = read_json(properties.get("definition"))
            said.append({"ref": texts[urn], "description": properties.get("description"), "steps": list(steps.get("steps") or ()),
                         "reviewed": steps.get("reviewed")})  # fmt: skip
        return said

    # --- what was recorded before

    def _recorded(self, digest: str) -> list[Data]:
        """The digests that were recorded of the version's lineage, oldest first."""
        links = link_all(self.store, self.store.keys([self.version]).values(), ["CONCERNS"], "downstream")
        reports = [link.start for link in links if link.start.kind == "report"]
        said = []
        for claim in self.store.claims(reports, history=True):
            properties = loads(claim.body)["props"]
            if properties.get("type") == KIND:
                self._tell(claim, {"lineageDigest": properties.get("actual")})
                said.append(
                    {
                        "at": properties.get("at"),
                        "lineageDigest": properties.get("actual"),
                        "holds": properties.get("actual") == digest,
                    }
                )
        return sorted(said, key=lambda one: str(one["at"]))


def lineage_digest(provenance: Mapping[str, Any]) -> str:
    """Returns the digest of what provenance says of a model version. Equal catalogs, equal digests."""
    return "sha256:" + sha256(json.dumps(provenance, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def record(store: Store, subject: Urn, answer: Answer, request: Request, actor: str) -> SourceReport:
    """Keeps that, when and with which lineage digest somebody was answered. Each answer is a fact of its own."""
    at = instant(request.answered)
    scope = (KIND, *subject.parts, show(at))
    return commit(
        store, KIND, [Snapshot(scope, at, list(_facts(subject, answer, request, at)))], request.answered, actor
    )


def _facts(subject: Urn, answer: Answer, request: Request, at: Instant) -> Iterable[Fact]:
    data = answer.data
    content = {**request.say(), "modelVersion": data["modelVersion"]["ref"], "proofs": len(data["proofs"])}
    name = f"{KIND}@{'@'.join(subject.parts[1:])}@{show(at)}"
    report = Report(
        namespace=subject.namespace,
        name=name,
        type=KIND,
        at=show(at),
        actual=data["lineageDigest"],
        content=json_text(content),
    )
    yield Fact(report)
    for urn in dict.fromkeys((subject, Urn.parse(data["modelVersion"]["urn"]))):
        yield Fact(Concerns(start=report.urn, end=urn))
