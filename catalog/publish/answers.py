"""`schema/json/headwater.COMMAND.json`: the shape of every `--format json` answer. Tests hold real answers to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from catalog.model.nodes import NODES
from catalog.publish.json_schemas import text
from catalog.publish.shapes import ANYTHING, AnyOf, MapOf, Nullable, OneOf, Said, Shape, schema_of

REF: Final = Said(str, "Short name for people; `headwater show` takes it.")
URN: Final = Said(str, "Full name, for ever.")
KIND: Final = OneOf(tuple(node.label() for node in NODES))
TIME: Final = Said(str, "ISO 8601 in UTC, with `#ordinal` where a source tells ties apart.")
EXACTNESS: Final = OneOf(("exact", "over_approximate", "guessed", "declared"))
EFFECT: Final = OneOf(("breaks", "value_changes", "rows_change", "passes_through"))
COUNT: Final = Said(int, "A whole number from 0.")

THING: Final[dict[str, Shape]] = {"ref": REF, "urn": URN, "kind": KIND}

EVIDENCE: Final[Shape] = {
    "source": Said(str, "First part of the scope: what kind of source says so."),
    "scope": str,
    "origin": Nullable(Said(str, "File and place.")),
    "since": TIME,
    "until": Nullable(TIME),
    "exactness": EXACTNESS,
    "subtype?": str,
    "reason?": str,
    "denies?": bool,
}

EDGE: Final[dict[str, Shape]] = {
    "from": Said(str, "Ref of the upstream end."),
    "to": Said(str, "Ref of the derived end."),
    "type": str,
    "subtype": Nullable(str),
    "exactness": EXACTNESS,
    "reason?": str,
    "masking?": bool,
    "byStar?": bool,
    "expression?": str,
    "role?": str,
    "evidence": [EVIDENCE],
    "via?": Said([str], "Jobs that stand on the edge, at the level of data sets."),
    "pairs?": Said(int, "How many edges between columns it stands for."),
    "notes?": Said([str], "Parameters and steps of the last runs of `via`, where asked for."),
}

TIED: Final = {**THING, "sources": [str], "role?": str, "status?": str, "confidence?": str, "value?": str, "definition?": str,
               "source?": str, "by?": str, "at?": str, "note?": str, "expression?": str,
               "createdAt?": str, "digest?": str, "algorithm?": str, "strength?": str, "byteSize?": int, "rowCount?": int, "fileCount?": int, "aliases?": [str],
               "subtype?": str, "version?": str, "enforced?": bool, "recordedIn?": str, "location?": str, "steward?": str,
               "name?": str, "purposes?": [str]}  # fmt: skip

FINDING: Final = {
    **THING,
    "effect": EFFECT,
    "hops": int,
    "why": str,
    "owners": [str],
    "contract": Nullable(str),
    "since?": Said(Nullable(TIME), "For bad data: when it was first in there; null: always."),
    "assumed?": Said(bool, "For bad data: no run is known that brought it."),
}

JUDGED: Final = {"rule": Said(str, "Id of the rule."), "subject": Said(str, "Ref of what it judges."), "why": str}

SKIPPED: Final = {"reason": str, "place": str, "count": COUNT}

DERIVED_LABEL: Final = {
    **THING,
    "carried": Said(OneOf(("full", "derived")), "full: the value was copied all the way."),
    "exactness": EXACTNESS,
    "from": Said(str, "Ref of the thing at which it is stated."),
    "via": Said(str, "Ref of the thing that it came from last."),
    "path": Said([str], "Refs from there to here."),
    "hops": int,
}

MODEL_STORY: Final[Shape] = {
    "modelVersion": THING,
    "trainedAt": Nullable(TIME),
    "run": Nullable({
        **THING, "title": Nullable(str), "state": Nullable(str), "startedAt": Nullable(str), "endedAt": Nullable(str),
        "user": Nullable(str), "region": Nullable(str), "aliases": [str], "observed": bool,
    }),
    "code": Nullable({
        **{name: Nullable(str) for name in ("repository", "commit", "branch", "tag", "path", "message", "author", "committedAt")},
        "tags": [str],
    }),
    "parameters": Nullable(MapOf(ANYTHING)),
    "environment": Nullable({
        "ref": str, "python": Nullable(str), "image": Nullable(str), "packages": MapOf(ANYTHING), "meta": MapOf(ANYTHING),
    }),
    "datasets": [{
        "ref": REF, "version": Nullable(str), "digest": Nullable(str), "algorithm": Nullable(str), "strength": Nullable(str),
        "recordedIn": Nullable(str), "role": Nullable(str), "sameAs": Nullable(str), "hops": int,
        "observed": Said(bool, "Whether a run was seen to use it; else it was only declared."),
    }],
    "features": [{
        **THING, "name": str, "role": Nullable(str), "alsoIn": [str], "exactness": EXACTNESS, "observed": bool,
        "sources": Said([str], "Columns at the far end, by value."),
    }],
    "sources": [{**THING, "flow": OneOf(("value", "table")), "hops": int, "terminal": bool}],
    "hops": [{
        "from": str, "to": str, "type": str, "subtype": Nullable(str), "observed": bool, "reason?": str,
        "known": Nullable(Said(str, "Where no claim is as old as the training: since when it is known.")),
    }],
    "checks": [{
        "check": str, "suite": Nullable(str), "run": str, "at": Nullable(str), "success": Nullable(bool), "status": Nullable(str),
        "failed": [str], "subject": str,
    }],
    "missing": [str],
}  # fmt: skip
"""What stands behind a model version."""

PREDICTION_STORY: Final[Shape] = {
    "prediction": THING,
    "modelVersion": Nullable(Said(str, "Ref of the model version that gave it.")),
    "decision": {name: Nullable(str) for name in ("at", "outcome", "score", "subject")},
    "features": [{
        "ref": Nullable(REF), "name": str, "value": ANYTHING, "sources": Said([str], "Columns at the far end, by value."),
    }],
    "missing": [str],
}  # fmt: skip
"""What stands behind a prediction: its reasons with their sources."""

DATA: Final[dict[str, Shape]] = {
    "lineage": {
        "nodes": [{**THING, "hops": COUNT, "direction": OneOf(("upstream", "downstream", "both", "start")), "flow": Nullable(str), "notes?": [str]}],
        "edges": [EDGE],
        "totals": MapOf(Nullable(int)),
    },
    "impact": {
        "verdict": OneOf(("breaks", "value_changes", "rows_change", "passes_through", "no_impact")),
        "changes": [{
            "change": str, "ref": REF, "kind": str, "to": Nullable(str),
            "origin?": Said(Nullable(str), "For bad data: ref of the consent, check or verification that it is known from."),
            "why?": Said(Nullable(str), "For bad data: what that says."),
            "since?": Said(Nullable(TIME), "For bad data: from when; null: always."), "until?": Said(Nullable(TIME), "Until when; null: still."),
        }],
        "findings": [FINDING],
        "counts": Said(MapOf(MapOf(int)), "By kind, then by effect."),
        "lowerBound": bool,
        "clean?": Said([THING], "For bad data: versions of data and models below it that do not stand on it."),
        "alarms?": Said(
            [{"subject": str, "check": str, "suite": Nullable(str), "run": str, "at": Nullable(str), "failed": [str]}],
            "For bad data: checks that failed on it, earliest first.",
        ),
        "undecided?": Said([THING], "For bad data: versions of which it cannot be told."),
        "reasons": [str],
    },
    "provenance": AnyOf((MODEL_STORY, PREDICTION_STORY)),
    "diff": {
        "before?": Said(str, "Of two model versions, the first."),
        "after?": Said(str, "Of two model versions, the second."),
        "ref?": Said(str, "The thing that was compared at two times."),
        "from?": TIME,
        "to?": Nullable(TIME),
        "changes": [{
            "ref": REF, "property": Nullable(str), "before": ANYTHING, "after": ANYTHING, "kind": OneOf(("added", "removed", "changed")),
            "cause": OneOf(("data", "code", "parameters", "environment", "features", "schema")),
        }],
        "causes": [str],
    },
    "rootcause": {
        "bad": {**THING, "trainedAt": Nullable(TIME)},
        "good": {**THING, "trainedAt": Nullable(TIME), "why": Said(str, "Why it is thought to be good.")},
        "divergence": Said(
            [{**THING, "hops": COUNT, "why": str}],
            "Where the two versions part: the first places upstream at which inputs agree and outputs differ.",
        ),
        "suspects": Said(
            [
                {
                    **THING,
                    "rank": int,
                    "score": Said(int, "Orders the suspects; no probability."),
                    "cause": OneOf(("data", "code", "parameters", "environment", "features", "schema", "check", "incident", "verification")),
                    "property": str,
                    "before": ANYTHING,
                    "after": ANYTHING,
                    "hops": Said(COUNT, "Steps upstream; 0 in the training itself."),
                    "reasons": [str],
                    "fix": Nullable(Said(str, "What would mend it.")),
                }
            ],
            "Most suspicious first.",
        ),
        "others": Said([{**THING, "why": str}], "Other model versions that stand on the same change."),
    },
    "check": {
        "violations": [
            {
                **JUDGED,
                "cause": Nullable(Said(str, "Ref of what is at fault.")),
                "hop": Nullable(Said(str, "Ref of the first thing behind the cause, on the way to the subject.")),
                "path": Said([str], "Refs on a shortest way from the cause to the subject."),
                "documents": Said([str], "Ids of the documents that were looked at."),
                "features": Said([str], "Features that it reaches."),
                "targets": Said([str], "Targets that it reaches."),
                "evidence": Said([ANYTHING], "Edges of the path, and what sources say of documents, with their claims."),
            }
        ],
        "unknown": [JUDGED],
        "passed": [JUDGED],
        "counts": Said(MapOf(COUNT), "By verdict."),
        "rules": [{"rule": str, "kind": str, "text": str, "place": str}],
        "exemptions": [{"rule": str, "of": str, "reason": str, "document": str, "until": Nullable(str)}],
    },
    "verify": {
        "results": [
            {
                **THING,
                "version": Nullable(Said(str, "Ref of the version whose digest was recorded.")),
                "recorded": Nullable({"algorithm": str, "digest": str, "place": Nullable(str)}),
                "actual": Nullable(Said(str, "Digest of the bytes; null if they are not there.")),
                "verdict": OneOf(("match", "mismatch", "missing", "not_recorded")),
                "place": Nullable(Said(str, "Where the bytes were found.")),
                "why": Nullable(str),
            }
        ],
        "counts": Said(MapOf(COUNT), "By verdict."),
    },
    "chart": {
        "agrees": [{"from": str, "to": str}],
        "notObserved": Said([{"from": str, "to": str}], "Drawn, and no lineage says so."),
        "notDrawn": Said([{"from": str, "to": str}], "Known, and not in the chart."),
        "unknown": Said([str], "Labels that name nothing, or several things."),
    },
    "attestation": {
        "subject": THING,
        "request": {
            "asked": TIME, "answered": TIME, "elapsedSeconds": int, "withinSeconds": Nullable(int), "inTime": Nullable(bool),
        },
        "modelVersion": THING,
        "trainedAt": Nullable(TIME),
        "run": Nullable(REF),
        "commit": Nullable(str),
        "artifact": Nullable(Said(str, "Digest of the model's own files.")),
        "datasets": [{"ref": REF, "role": Nullable(str), "algorithm": Nullable(str), "digest": Nullable(str)}],
        "purposes": [str],
        "consents": [{
            "source": Said(str, "Ref of the data that the document covers."), "document": str, "status": Nullable(str), "purposes": [str],
            "legalBasis": Nullable(str), "validFrom": Nullable(str), "validTo": Nullable(str), "validAtTraining": Nullable(bool),
            "allowsPurpose": Nullable(Said(bool, "Null if no purpose is known.")), "why": Nullable(str),
        }],
        "withoutDocument": Said([str], "Refs of data sets at the far end of values that no document names."),
        "plans": [{"ref": REF, "description": Nullable(str), "steps": [str], "reviewed": Nullable(str)}],
        "lineageDigest": Said(str, "Digest of what `provenance` says of the model version."),
        "recorded": [{"at": Nullable(str), "lineageDigest": Nullable(str), "holds": Said(bool, "Whether it is the digest of now.")}],
        "proofs": [{
            "of": Said(MapOf(Nullable(str)), "The edge, document, plan or digest that the line says."), "origin": Nullable(str),
            "line": Said(str, "The line of the log; its leaf is SHA-256 over a zero byte and the line."),
            "index": Said(int, "Place of the line in its commit, from 0."), "lines": COUNT,
            "path": Said([str], "RFC 6962 path to the commit's root, hex, nearest first."),
            "header": Said(str, "The commit's header, with its root."), "number": Said(int, "Place of the commit in the log, from 0."),
            "commits": COUNT, "logPath": Said([str], "RFC 6962 path to the root of the log."), "logRoot": str,
        }],
        "unproved": Said(int, "Claims of which the log has no line any more."),
        "missing": [str],
    },
    "search": {"hits": [{**THING, "score": int, "why": str, "description?": str}], "total": COUNT},
    "glossary.search": {
        "terms": [{**THING, "name": str, "score": int, "why": str, "definition?": str, "steward?": str, "status?": str}],
        "columns": [{**THING, "score": int, "why": str, "terms": [str]}],
        "others": [{**THING, "score": int, "why": str, "terms": [str]}],
    },
    "glossary.import": {
        "glossaries": [str],
        "dryRun": bool,
        "changes": [
            {
                "kind": OneOf(("added", "changed", "closed")),
                "what": Said(str, "Kind of the thing, or type of the edge."),
                "ref": REF,
                "other": Nullable(Said(str, "Ref of the other end of an edge.")),
                "subtype": Nullable(str),
                "properties": Said([{"name": str, "before": ANYTHING, "after": ANYTHING}], "Those that differ."),
            }
        ],
        "counts": Said(MapOf(COUNT), "Facts that are added, changed, closed and unchanged."),
        "errors": [
            {
                "code": str, "message": Said(str, "What is wrong and what was expected."), "file": str, "place": Nullable(str),
                "line": Nullable(int), "column": Nullable(str),
            }
        ],
        "commits": [int],
    },
    "glossary.labels": {
        "things": [
            {
                **THING,
                "stated": [{
                    **THING, "status?": str, "confidence?": str, "steward?": str, "source?": str, "by?": str, "at?": str,
                    "note?": str, "sources": [str],
                }],
                "derived": Said([DERIVED_LABEL], "Labels that follow from lineage; they are stored nowhere."),
                "denied": Said([str], "Refs of labels that somebody says it does not bear."),
            }
        ],
        "labels": [
            {
                **THING, "stops": Said([str], "Steps at which it stops."), "rule": str,
                "stated": Said(int, "Of how many things it is stated."), "derived": Said(int, "For how many it follows."),
            }
        ],
        "total": COUNT,
    },
    "glossary.suggest": {
        "suggestions": [
            {
                **THING,
                "label": Said(str, "Ref of the term or tag."), "labelUrn": URN,
                "score": Said(ANYTHING, "From 0 to 1."),
                "reasons": [{
                    "kind": OneOf(("name", "description", "namesakes", "upstream", "downstream", "category", "check", "type")),
                    "score": Said(ANYTHING, "From 0 to 1; negative if it speaks against."), "why": str,
                }],
            }
        ],
        "things": Said(int, "How many were looked at."),
        "total": Said(int, "For how many there is a suggestion."),
    },
    "glossary.edit": {"term": REF, "thing": Nullable(REF), "status": Nullable(str), "commit": Nullable(int)},
    "glossary.history": {
        "term": REF,
        "thing": Nullable(Said(str, "Ref of what bears the term; null for the status of the term itself.")),
        "changes": [
            {
                "status": Said(str, "draft, proposed, approved, deprecated, denied or a word of the source."),
                "since": TIME,
                "until": Nullable(TIME),
                "by": Nullable(str),
                "source": Said(str, "First part of the scope: human, or what kind of source says so."),
                "note": Nullable(str),
            }
        ],
    },
    "show": {
        "node": {**THING, "plane": str, "properties": MapOf(ANYTHING), "implied": bool, "closedSince": Nullable(TIME)},
        "claims": [{"source": str, "scope": str, "origin": Nullable(str), "since": TIME, "until": Nullable(TIME), "properties": MapOf(ANYTHING)}],
        "columns": [{**THING, "dataType?": str, "constraints?": [str], "description?": str, "nullable?": bool}],
        **{name: [TIED] for name in (
            "owners", "terms", "broader", "narrower", "related", "meantBy", "tags", "partOf", "coveredBy", "versions", "aliases",
        )},
        "derived": Said([DERIVED_LABEL], "Terms and tags that follow from lineage; they are stored nowhere."),
        "checks": [
            {"check": str, "suite": Nullable(str), "run": str, "at": Nullable(str), "success": Nullable(bool), "status?": Nullable(str), "failed": [str]}
        ],
    },
    "ingest": {
        "sources": [
            {
                "name": str,
                "kind": str,
                "snapshots": COUNT,
                "added": Said(int, "Claims that began to hold."),
                "changed": Said(int, "Scopes that said something else than before."),
                "closed": Said(int, "Claims that ended."),
                "unchanged": Said(int, "Snapshots that were known already."),
                "skipped": [SKIPPED],
                "error": Nullable(str),
                "commits": [int],
                "seconds": Said(ANYTHING, "A number."),
            }
        ]
    },
    "db.status": {
        "store": str,
        "schemaVersion": int,
        "head": COUNT,
        "logRoot": str,
        "counts": MapOf(int),
        "commits": [{"seq": int, "time": str, "actor": str, "source": str, "counts": MapOf(int)}],
    },
    "sql": {
        "statements": [{
            "file?": Said(str, "If several were given."), "kind": str, "line": int, "reads": [str], "writes": [str],
            "temporary": bool, "undone": bool,
        }],
        "flows": [{
            "from": Said(str, "table#column."), "to": Said(str, "table#column; the column alone if the query is stored nowhere."),
            "kind": OneOf(("identity", "transformation", "aggregation", "conditional")), "exactness": EXACTNESS,
            "masking": bool, "byStar": bool, "reason?": str, "expression?": str,
        }],
        "influences": [{
            "from": str, "to": Said(str, "A table, for its rows; a column, for a window."),
            "kind": OneOf(("filter", "join", "group_by", "sort", "window")), "exactness": EXACTNESS,
        }],
        "reads": [str],
        "writes": [str],
        "problems": [{"file?": str, "code": str, "message": str, "line": int}],
    },
    "doctor": {"findings": [{"what": str, "ok": bool, "said": str}]},
}  # fmt: skip
"""Command to the shape of `data`."""


def envelope(command: str, data: Shape) -> str:
    """Returns the schema of a command's whole answer."""
    shape = {
        "schema": OneOf((f"headwater.{command}/1",)),
        "generatedAt": Said(str, "When the answer was given, ISO 8601 in UTC."),
        "asOf": Nullable(Said(str, "The time that was asked for; null is now.")),
        "complete": Said(bool, "False if a limit cut it, or something on the way was not understood."),
        "warnings": [str],
        "data": data,
    }
    return text({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"headwater.{command}/1",
        "title": f"The answer of `headwater {command.replace('.', ' ')} --format json`",
        **schema_of(shape),
    })  # fmt: skip


SCHEMAS: Final[dict[str, Callable[[], str]]] = {
    f"headwater.{command}": partial(envelope, command, data) for command, data in DATA.items()
}
