"""`schema/json/headwater.policy-input.json`: what a policy in Rego is told about its subject, as `input`."""

from __future__ import annotations

from typing import Final

from catalog.publish.answers import COUNT, MODEL_STORY, REF, THING
from catalog.publish.json_schemas import text
from catalog.publish.shapes import Nullable, OneOf, Said, Shape, schema_of
from catalog.rules.rego_input import SCHEMA

_CONSENT: Final[Shape] = {
    "ref": REF, **{name: Nullable(str) for name in ("document", "status", "legalBasis", "validFrom", "validTo")},
    "purposes": Nullable([str]), "regions": Nullable([str]),
}  # fmt: skip

_LABELLED: Final[dict[str, Shape]] = {
    **THING,
    "tags": Said([str], "Names of tags; `name=value` where a tag has a value."),
    "terms": Said([str], "Refs of the business terms that it means."),
    "owners": Said([str], "Refs of who answers for it."),
    "consents": [_CONSENT],
    "residency": Said([str], "Regions that the policies say it resides in."),
    "licences": [str],
}

_PROVENANCE: Final = MODEL_STORY

_SHAPE: Final[dict[str, Shape]] = {
    "schema": OneOf((SCHEMA,)),
    "today": Said(str, "Day of the question; no part of the digest."),
    "rule": {"id": str, "text": str},
    "subject": {**THING, "namespace": str, "name": str},
    "model?": Said(
        {
            "purposes": [str], "regions": Said([str], "Where it is deployed."), "owner": Nullable(str), "version": str, "aliases": [str],
            "status": Nullable(str),
        },
        "Of a model version: on what terms it is used.",
    ),
    "trainedAt?": _PROVENANCE["trainedAt"],
    "sources?": Said(
        [
            {
                **_LABELLED,
                "flow": Said(OneOf(("value", "table")), "value if a value of it reaches a feature or the target."),
                "hops": COUNT,
                "terminal": Said(bool, "Whether nothing is upstream of it."),
                "columns": Said([_LABELLED], "Those whose values reach it."),
            }
        ],
        "Of a model version: every data set upstream, as of the training; what is said of each is said now.",
    ),
    "gaps?": Said([str], "Of a model version: what of its lineage is not known."),
    **{f"{name}?": _PROVENANCE[name] for name in ("run", "code", "parameters", "environment", "datasets", "features", "missing")},
    "data?": Said(_LABELLED, "Of a data set or column: what is said of it."),
    "type?": Nullable(str),
    "columns?": Said([_LABELLED], "Of a data set."),
    "checks?": Said(
        [{**{name: shape for name, shape in _PROVENANCE["checks"][0].items() if name != "subject"}, "subject?": str}],
        "Results of checks: of a model version the last ones before its training, of data all that are known.",
    ),
}  # fmt: skip


def policy_input_schema() -> str:
    """Returns the schema of the input document."""
    return text({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA,
        "title": "What a policy in Rego is told about its subject",
        **schema_of(_SHAPE),
    })  # fmt: skip
