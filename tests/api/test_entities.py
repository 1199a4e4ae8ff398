"""A thing is shown whole under one type of its kind; what is tied to it is one hop away, in pages."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.answers import camel
from catalog.api.entities import id_of, urn_of
from catalog.api.kinds import HIDDEN, KINDS, exposed, type_name
from catalog.api.schema import core, sdl
from catalog.model.edges import BY_TYPE
from catalog.model.errors import InvalidNameError
from catalog.model.names import Urn
from catalog.model.nodes import BY_KIND, NODES, Column, Dataset, Node
from tests.api.asking import ask, refused, run, shop
from tests.catalogs import LATER, NS, catalog, col, flow, snapshot, table

STORE = shop()


@pytest.mark.parametrize("cls", NODES, ids=lambda cls: cls.label())
def test_every_field_of_the_model_is_exposed_with_its_description_or_hidden_with_a_reason(cls: type[Node]) -> None:
    shown = exposed(cls)
    hidden = {name for kind, name in HIDDEN if kind == cls.label()}
    assert {*shown.values(), *hidden} == set(cls.model_fields)
    fields = core().get_type(type_name(cls)).fields  # type: ignore[union-attr]
    for name, model in shown.items():
        head, *rest = name.split("_")
        field = fields[head + "".join(word.capitalize() for word in rest)]
        assert field.description == cls.model_fields[model].description
    assert all(len(reason) > 10 for reason in HIDDEN.values())


@given(st.sampled_from(sorted(BY_KIND)), st.data())
def test_an_id_is_read_back_as_the_thing(kind: str, data: st.DataObject) -> None:
    count = len(BY_KIND[kind].key_fields())
    parts = tuple(data.draw(st.text(st.characters(exclude_categories=()))) for _ in range(count))
    urn = Urn(kind, parts)
    assert urn_of(id_of(urn)) == urn


@pytest.mark.parametrize("text", ["", "x", "¿", "aHc6", base64.b64encode(b"hw:dataset:only").decode(), "a" * 5000])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidNameError):
        urn_of(text)
    assert refused(STORE, "query ($id: ID!) { node(id: $id) { id } }", id=text)[0] == "INVALID_NAME"


def test_one_thing_has_the_same_names_by_ref_urn_and_id() -> None:
    by_ref = ask(STORE, '{ entity(ref: "pg:shop.orders#amount") { __typename id urn ref kind plane } }')["entity"]
    assert by_ref == {
        "__typename": "Column", "id": id_of(col("shop.orders.amount")), "urn": str(col("shop.orders.amount")),
        "ref": "pg:shop.orders#amount", "kind": "Column", "plane": "declared",
    }  # fmt: skip
    by_urn = ask(STORE, "query ($u: String!) { entity(ref: $u) { id } }", u=by_ref["urn"])
    by_id = ask(STORE, "query ($i: ID!) { node(id: $i) { id ... on Entity { ref } } }", i=by_ref["id"])
    assert by_urn["entity"] == {"id": by_ref["id"]}
    assert by_id["node"] == {"id": by_ref["id"], "ref": by_ref["ref"]}


def test_ids_are_answered_in_their_order_and_unknown_ones_are_null() -> None:
    known, unknown = id_of(table("shop.raw")), id_of(table("nowhere"))
    found = ask(STORE, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[unknown, known, known])
    assert found["nodes"] == [None, {"id": known}, {"id": known}]


def test_properties_have_their_types_and_whole_numbers_are_not_cut_to_32_bits() -> None:
    found = ask(
        STORE,
        '{ dataset(ref: "pg:shop.raw") { name type rowCount columnNames } column(ref: "pg:shop.orders#amount") { nullable dataType } }',
    )
    assert found["dataset"] == {
        "name": "shop.raw", "type": "table", "rowCount": 2**40, "columnNames": ["id", "amount"],
    }  # fmt: skip
    assert found["column"] == {"nullable": True, "dataType": "numeric"}


def test_a_list_that_is_cut_is_named() -> None:
    query = '{ dataset(ref: "pg:shop.raw") { short: columnNames(first: 1) all: columnNames } }'
    found = run(STORE, query).response
    assert found["data"]["dataset"] == {"short": ["id"], "all": ["id", "amount"]}
    assert found["extensions"]["cut"] == ["dataset.short"]


def test_what_is_tied_to_a_thing_is_one_hop_away() -> None:
    found = ask(
        STORE,
        """{ dataset(ref: "pg:shop.orders") {
            owners { nodes { ref } edges { says exactness type evidence { source origin } } }
            tagged { nodes { ref } } producedBy { nodes { ref ... on Job { command reads { nodes { ref } } } } }
            columns { totalCount nodes { ref dataType terms { nodes { ref } } dataset { ref } } }
        } }""",
    )["dataset"]
    assert found["owners"]["nodes"] == [{"ref": "agent:ana%40shop.example"}]
    assert found["owners"]["edges"] == [
        {
            "says": "owner",
            "exactness": "exact",
            "type": "OWNED_BY",
            "evidence": [{"source": "dbt", "origin": "f.sql:1"}],
        }
    ]
    assert found["tagged"]["nodes"] == [{"ref": "tag:gold"}]
    assert found["producedBy"]["nodes"] == [
        {"ref": "job:etl/nightly", "command": "dbt run", "reads": {"nodes": [{"ref": "pg:shop.raw"}]}}
    ]
    assert found["columns"]["totalCount"] == 2
    assert [(c["ref"], c["dataType"], c["dataset"]["ref"]) for c in found["columns"]["nodes"]] == [
        ("pg:shop.orders#id", None, "pg:shop.orders"),
        ("pg:shop.orders#amount", "numeric", "pg:shop.orders"),
    ]
    assert found["columns"]["nodes"][1]["terms"]["nodes"] == [{"ref": "term:Turnover"}]


def test_upstream_and_downstream_are_one_hop_and_can_be_narrowed() -> None:
    found = ask(
        STORE,
        """{ entity(ref: "pg:shop.orders#amount") {
            upstream { nodes { ref } } downstream { nodes { ref } edges { subtype } }
            none: upstream(types: ["MEANS"]) { totalCount nodes { ref } } } }""",
    )["entity"]
    assert found["upstream"]["nodes"] == [{"ref": "pg:shop.raw#amount"}]
    assert (found["downstream"]["nodes"], found["downstream"]["edges"]) == (
        [{"ref": "pg:shop.report#total"}],
        [{"subtype": "aggregation"}],
    )
    assert found["none"] == {"totalCount": 1, "nodes": [{"ref": "term:Turnover"}]}
    code, message = refused(STORE, '{ entity(ref: "pg:shop.raw") { upstream(types: ["NO"]) { totalCount } } }')
    assert code == "USAGE"
    assert all(name in message for name in ("'NO'", *BY_TYPE))


def test_claims_say_who_says_what() -> None:
    found = ask(
        STORE, '{ dataset(ref: "pg:shop.orders") { claims { totalCount nodes { source scope since properties } } } }'
    )
    assert found["dataset"]["claims"] == {
        "totalCount": 1,
        "nodes": [
            {"source": "dbt", "scope": "dbt/shop", "since": "2026-01-01T12:00:00Z",
             "properties": '{"columns":["id","amount"],"description":"Orders."}'}
        ],
    }  # fmt: skip


def test_pages_are_the_list_whatever_comes_between_them() -> None:
    names = [f"c{i}" for i in range(7)]
    store = catalog(Dataset(namespace=NS, name="wide", columns=names))
    query = """query ($first: Int!, $after: String) { dataset(ref: "pg:wide") {
        columns(first: $first, after: $after) { totalCount nodes { path } pageInfo { hasNextPage endCursor } } } }"""
    seen: list[str] = []
    after = None
    while True:
        page = ask(store, query, first=3, after=after)["dataset"]["columns"]
        seen += [column["path"] for column in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
        wider = [f"b{len(seen)}", *seen, *(n for n in names if n not in seen)]
        store = catalog(Dataset(namespace=NS, name="wide", columns=wider))
    assert [name for name in seen if name in names] == names
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("first", [-1, 201, 10**6])
def test_a_page_has_bounds(first: int) -> None:
    assert refused(
        STORE, 'query ($n: Int!) { dataset(ref: "pg:shop.raw") { columns(first: $n) { totalCount } } }', n=first
    )[0] in ("USAGE", "TOO_COSTLY")


@given(st.text(max_size=40))
def test_no_cursor_is_a_fault(text: str) -> None:
    assert (
        refused(
            STORE, 'query ($a: String) { dataset(ref: "pg:shop.raw") { columns(after: $a) { totalCount } } }', a=text
        )[0]
        == "USAGE"
    )


def test_everything_is_as_of_the_time_that_was_asked_for() -> None:
    later = [
        Dataset(namespace=NS, name="shop.orders", columns=["id"], description="Now."),
        Column(namespace=NS, name="shop.orders", path="id", data_type="bigint"),
    ]
    store = catalog(
        Dataset(namespace=NS, name="shop.orders", columns=["id", "amount"], description="Then."),
        flow("shop.orders.amount", "shop.raw.amount"),
        more=[snapshot(later, at=LATER)],
    )
    query = """query ($t: Time) { dataset(ref: "pg:shop.orders", asOf: $t) { description columns { nodes { path dataType } } }
        column(ref: "pg:shop.orders#amount", asOf: $t) { closedSince upstream { nodes { ref } } } }"""
    then, now = ask(store, query, t="2026-01-15"), ask(store, query)
    assert then["dataset"] == {
        "description": "Then.",
        "columns": {"nodes": [{"path": "id", "dataType": None}, {"path": "amount", "dataType": None}]},
    }
    assert then["column"]["upstream"]["nodes"] == [{"ref": "pg:shop.raw#amount"}]
    assert now["dataset"] == {"description": "Now.", "columns": {"nodes": [{"path": "id", "dataType": "bigint"}]}}
    assert now["column"] == {"closedSince": "2026-02-01T12:00:00Z", "upstream": {"nodes": []}}


def test_names_nobody_knows_are_errors_with_the_nearest_and_leave_the_rest_of_the_answer() -> None:
    found = run(
        STORE, '{ good: dataset(ref: "pg:shop.raw") { name } bad: dataset(ref: "pg:shop.rav") { name } }'
    ).response
    assert found["data"] == {"good": {"name": "shop.raw"}, "bad": None}
    (error,) = found["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert error["path"] == ["bad"]
    assert "pg:shop.raw" in error["message"]


def test_the_schema_names_in_camel_case_and_describes_everything() -> None:
    schema = core()
    for name, type_ in schema.type_map.items():
        if name.startswith("__") or name in ("String", "Int", "Boolean", "ID", "Float"):
            continue
        assert type_.description or name == "JSON", name
        for field, definition in getattr(type_, "fields", {}).items():
            assert field[0].islower(), (name, field)
            assert "_" not in field, (name, field)
            assert definition.description, (name, field)
    assert "_" not in "".join(schema.query_type.fields)  # type: ignore[union-attr]
    assert sdl().endswith("}\n")


def test_every_kind_has_a_type() -> None:
    assert KINDS.keys() == BY_KIND.keys()


@pytest.mark.parametrize("cls", NODES, ids=lambda cls: cls.label())
def test_a_thing_of_every_kind_is_shown_with_all_its_properties(cls: type[Node]) -> None:
    """A field that hides another, or has another type than the model's, is found here."""
    keys = {name: f"k{i}" for i, name in enumerate(cls.key_fields())}
    values = {bool: True, int: 7, list: ["a"], str: "x"}
    said = {
        name: next(v for kind, v in values.items() if kind.__name__ in str(field.annotation))
        for name, field in cls.model_fields.items()
        if name not in keys and "Literal" not in str(field.annotation)
    }
    node = cls(**keys, **said)
    shown = {shown: name for shown, name in exposed(cls).items() if name in said or name in keys}
    query = f"query ($u: String!) {{ entity(ref: $u) {{ kind id ... on {type_name(cls)} {{ {' '.join(map(camel, shown))} }} }} }}"
    found = ask(catalog(node), query, u=str(node.urn))["entity"]
    assert found.pop("kind") == cls.label()
    assert found.pop("id") == id_of(node.urn)
    assert found == {camel(shown): {**keys, **said}[name] for shown, name in shown.items()}
