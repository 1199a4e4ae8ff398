"""`schema/json/`: JSON Schemas of the facts, as the log and `db export` hold them."""

from __future__ import annotations

import json
from typing import Any, Final

from catalog.model.edges import EDGES, Edge
from catalog.model.nodes import NODES, Node
from catalog.recorder.document import SCHEMA, Document

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def fact_schema() -> str:
    """Returns the schema of a fact: a node with its properties, or an edge with its ends and properties."""
    schema = {
        "$schema": _DRAFT,
        "$id": "headwater.fact/1",
        "title": "Fact",
        "description": "What a claim says: a node or an edge with its properties. Keys are in the urn.",
        "oneOf": [{"$ref": f"#/$defs/{cls.__name__}"} for cls in (*NODES, *EDGES)],
        "$defs": {**{n.__name__: _node(n) for n in NODES}, **{e.__name__: _edge(e) for e in EDGES}},
    }
    return text(schema)


def recording_schema() -> str:
    """Returns the schema of the side file that `catalog.recorder` writes."""
    schema = Document.model_json_schema(by_alias=True)
    return text({"$schema": _DRAFT, "$id": SCHEMA, **schema, "title": "Recording"})


def _node(cls: type[Node]) -> dict[str, Any]:
    keys = cls.key_fields()
    return {
        "type": "object",
        "description": cls.__doc__,
        "required": ["node", "props"],
        "additionalProperties": False,
        "properties": {
            "node": {"type": "string", "pattern": f"^hw:{cls.kind()}(:[^:]*){{{len(keys)}}}$"},
            "props": _props(cls, [name for name in cls.model_fields if name not in keys]),
        },
    }


def _edge(cls: type[Edge]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": cls.__doc__,
        "required": ["edge", "end", "props", "start"],
        "additionalProperties": False,
        "properties": {
            "edge": {"const": cls.type()},
            "start": {"type": "string", "pattern": "^hw:"},
            "end": {"type": "string", "pattern": "^hw:"},
            "props": _props(cls, [name for name in cls.model_fields if name not in ("start", "end")]),
        },
    }


def _props(cls: type[Node | Edge], names: list[str]) -> dict[str, Any]:
    whole = cls.model_json_schema(mode="serialization")["properties"]
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: _present(whole[name]) for name in names},
    }


def _present(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns a property's schema where it is there: null and the default say nothing and are left out of facts."""
    kept = {key: value for key, value in schema.items() if key not in ("default", "title", "anyOf")}
    options = [option for option in schema.get("anyOf", []) if option != {"type": "null"}]
    return {**kept, **(options[0] if len(options) == 1 else {"anyOf": options} if options else {})}


def text(schema: Any) -> str:
    """Returns a schema as text with a fixed form."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
