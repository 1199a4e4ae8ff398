"""A model card: what a model version is for, what it stands on and what is known to be wrong with it, as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from catalog.answers import Data
from catalog.drawing.markdown import FAILED, plain, section, table
from catalog.identity import find_all
from catalog.links import link_all
from catalog.model.names import Urn
from catalog.policies import Terms
from catalog.provenance.training import read_json
from catalog.refs import Refs
from catalog.store.port import Key, Store

_MAX: Final = 12
"""Items of a list in a cell."""


def background(store: Store, refs: Refs, version: Urn, terms: Terms | None = None) -> Data:
    """Returns what a card says beyond provenance: use, owners, figures, decisions of rules, endpoints and predictions."""
    said = store.get([version])[version].properties
    model = Urn("model", version.parts[:2])
    key = list(store.keys([version]).values())
    owners = link_all(store, store.keys([version, model]).values(), ["OWNED_BY"])
    serving = link_all(store, key, ["SERVES"], "downstream")
    given = link_all(store, key, ["PREDICTED_BY"], "downstream")
    texts = refs.texts([*(link.end for link in owners), *(link.start for link in serving)])
    decided = [n.properties for n in find_all(store, ["decision"]) if n.closed_since is None]
    mine = sorted((d for d in decided if d.get("subject") == str(version)), key=lambda d: str(d.get("policy")))
    return {
        "description": said.get("description"),
        "aliases": list(said.get("aliases") or ()),
        "status": said.get("status"),
        "artifact": said.get("digest"),
        "metrics": _list(said.get("metrics")),
        "purposes": list(terms.purposes) if terms else [],
        "regions": sorted({*(terms.regions if terms else ()), *([said["region"]] if said.get("region") else [])}),
        "owners": sorted({texts[link.end] for link in owners} | ({terms.owner} if terms and terms.owner else set())),
        "endpoints": sorted(texts[link.start] for link in serving),
        "predictions": len(given),
        "reports": _reports_of(store, key),
        "decisions": [{k: d.get(k) for k in ("policy", "verdict", "why", "policy_digest")} for d in mine],
    }


def _reports_of(store: Store, keys: list[Key]) -> list[Data]:
    """Returns what other tools found about the version: bias, drift, profiles. What was attested of it is none of that."""
    about = link_all(store, keys, ["EVALUATED_ON", "CONCERNS"], "downstream")
    states = store.get({link.start for link in about if link.start.kind == "report"})
    found = [(urn.name, state.properties) for urn, state in sorted(states.items())]
    return [_report(name, said) for name, said in found if said.get("type") != "attestation"]


def _report(name: str, said: Mapping[str, Any]) -> Data:
    """Returns a report with its figures; of those that call themselves values, only these."""
    content = read_json(said.get("content"))
    figures: dict[str, Any] = content.get("figures") or {}
    values = {key.removesuffix(".value"): value for key, value in figures.items() if key.endswith(".value")}
    return {
        "name": name,
        "type": said.get("type"),
        "verdict": said.get("verdict"),
        "at": said.get("at"),
        "figures": values or figures,
    }


def _list(text: Any) -> list[Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else []
    except ValueError:
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


# --- Markdown ---------------------------------------------------------------------------------------------------------


def markdown(data: Mapping[str, Any]) -> str:
    """Returns provenance as Markdown; names are escaped, so that none of them is markup."""
    if data.get("prediction"):
        return "\n".join([*_prediction(data), *_gaps(data)])
    sections = (_origin, _data, _features, _sources, _checks, _gaps)
    lines = [line for section in sections for line in section(data)]
    return "\n".join([f"# {plain(data['modelVersion']['ref'])}", "", *lines])


def card(data: Mapping[str, Any], more: Mapping[str, Any]) -> str:
    """Returns the card of a model version."""
    head = [f"# Model card: {plain(data['modelVersion']['ref'])}", ""]
    if more["description"]:
        head += [plain(more["description"]), ""]
    return "\n".join([*head, *_use(more), *_origin(data), *_metrics(more), *_data(data), *_features(data), *_sources(data), *_checks(data),
                      *_reports(more), *_decisions(more), *_gaps(data)])  # fmt: skip


def _use(more: Mapping[str, Any]) -> Iterator[str]:
    yield from section("Use")
    rows = {
        "purpose": _joined(more["purposes"]) or "not stated", "deployed in": _joined(more["regions"]) or "not stated",
        "owner": _joined(more["owners"]) or "not stated", "status": more["status"], "artifact": more["artifact"], "aliases": _joined(more["aliases"]),
        "endpoints": _joined(more["endpoints"]), "decisions recorded": str(more["predictions"]),
    }  # fmt: skip
    yield from table(("", ""), [(name, value) for name, value in rows.items() if value])


def _origin(data: Mapping[str, Any]) -> Iterator[str]:
    yield from section("How it was made")
    run, code, environment = data.get("run") or {}, data.get("code") or {}, data.get("environment") or {}
    rows = [
        ("trained", data.get("trainedAt")), ("run", run.get("ref")), ("repository", code.get("repository")), ("commit", code.get("commit")),
        ("tag", code.get("tag")), ("entry", code.get("path")), ("Python", environment.get("python")),
        *((f"parameter {name}", value) for name, value in (data.get("parameters") or {}).items()),
        *((f"package {name}", value) for name, value in sorted((environment.get("packages") or {}).items())[:_MAX]),
    ]  # fmt: skip
    yield from table(("what", "value"), [(name, str(value)) for name, value in rows if value])


def _metrics(more: Mapping[str, Any]) -> Iterator[str]:
    if more["metrics"]:
        yield from section("Figures")
        yield from table(
            ("figure", "value", "data"), [(m.get("key"), m.get("value"), m.get("dataset")) for m in more["metrics"]]
        )


def _data(data: Mapping[str, Any]) -> Iterator[str]:
    yield from section("Data")
    rows = [
        (d["ref"], d.get("role"), f"{d.get('algorithm')}:{d['digest']}" if d.get("digest") else "no strong digest", d.get("recordedIn"))
        for d in data.get("datasets") or ()
    ]  # fmt: skip
    yield from table(("data set", "role", "digest", "recorded in"), rows)


def _features(data: Mapping[str, Any]) -> Iterator[str]:
    yield from section("Features")
    rows = [
        (f.get("name") or f["ref"], f.get("role"), _joined(f.get("sources") or ()) or "not known")
        for f in data.get("features") or ()
    ]
    yield from table(("name", "role", "source columns"), rows)


def _sources(data: Mapping[str, Any]) -> Iterator[str]:
    yield from section("Sources")
    rows = [(s["ref"], s["flow"], str(s["hops"])) for s in data.get("sources") or () if s.get("terminal")]
    yield from table(("data set", "reaches it by", "hops"), rows)


def _checks(data: Mapping[str, Any]) -> Iterator[str]:
    found = data.get("checks") or ()
    if found:
        yield from section("Checks before the training")
        rows = [
            (c.get("suite") or c["check"], c["subject"], "passed" if c.get("success") else FAILED, c.get("at"))
            for c in found
        ]
        yield from table(("check", "data set", "result", "at"), rows)


def _reports(more: Mapping[str, Any]) -> Iterator[str]:
    if more["reports"]:
        yield from section("Reports")
        for one in more["reports"]:
            rows = [
                (one["type"], one["name"], one["verdict"], *figure) for figure in list(one["figures"].items())[:_MAX]
            ]
            rows = rows or [(one["type"], one["name"], one["verdict"], None, None)]
            yield from table(("kind", "report", "verdict", "figure", "value"), rows)


def _decisions(more: Mapping[str, Any]) -> Iterator[str]:
    yield from section("Rules")
    if not more["decisions"]:
        yield "No rule has been asked about it."
        yield ""
        return
    yield from table(
        ("rule", "verdict", "why", "policy"),
        [(d["policy"], d["verdict"], d["why"], d["policy_digest"]) for d in more["decisions"]],
    )


def _gaps(data: Mapping[str, Any]) -> Iterator[str]:
    yield from section("What is not known")
    missing = data.get("missing") or ()
    yield from (f"- {plain(gap)}" for gap in missing)
    if not missing:
        yield "Nothing is known to be missing."


def _prediction(data: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {plain(data['prediction']['ref'])}"
    yield ""
    decision = data.get("decision") or {}
    rows = [
        ("model version", data.get("modelVersion")),
        *((name, decision.get(name)) for name in ("at", "outcome", "score")),
    ]
    yield from table(("", ""), [(name, str(value)) for name, value in rows if value is not None])
    yield from section("Reasons")
    reasons = [(f["name"], f.get("value"), _joined(f["sources"]) or "not known") for f in data.get("features") or ()]
    yield from table(("feature", "value", "source columns"), reasons)


def _joined(items: Iterable[str]) -> str:
    found = list(items)
    more = len(found) - _MAX
    return ", ".join(found[:_MAX]) + (f" and {more} more" if more > 0 else "")
