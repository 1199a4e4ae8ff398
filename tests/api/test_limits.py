"""No query costs more than a request may, and none brings a fault of ours to light."""

from __future__ import annotations

import gc
import itertools
from typing import Any, cast

import pytest
from graphql import build_schema, parse
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.api.execution import Asked, answer
from catalog.api.limits import Limits, cost
from catalog.api.schema import core
from catalog.model.errors import TooCostlyError
from catalog.store.port import Store
from tests.api.asking import Ticks, ask, refused, run, shop
from tests.api.asking import settings as shared

STORE = shop()
TREE = build_schema(
    """type Query { tree(first: Int! = 50): TreeConnection! leaf: String many: [Item!]! nodes(ids: [ID!]!): [Item]! }
    type TreeConnection { nodes: [Item!]! } type Item { name: String tree(first: Int! = 50): TreeConnection! one: Item }"""
)


def weight(query: str, variables: dict[str, Any] | None = None, limits: Limits | None = None) -> int:
    return cost(TREE, parse(query), variables or {}, limits or Limits(cost=10**30, depth=100))


def test_what_is_below_a_list_counts_as_often_as_the_list_is_long() -> None:
    sized = [weight(f"{{ tree(first: {n}) {{ nodes {{ name }} }} }}") for n in range(1, 12)]
    steps = {after - before for before, after in itertools.pairwise(sized)}
    assert len(steps) == 1
    nested = {
        (a, b): weight(f"{{ tree(first: {a}) {{ nodes {{ tree(first: {b}) {{ nodes {{ name }} }} }} }} }}")
        for a in (1, 20)
        for b in (1, 20)
    }
    assert nested[20, 20] - nested[20, 1] == 20 * (nested[1, 20] - nested[1, 1])


@given(st.integers(1, 200), st.sampled_from(["literal", "variable", "default", "fragment", "inline"]))
def test_a_size_counts_however_it_is_written(size: int, how: str) -> None:
    plain = weight(f"{{ tree(first: {size}) {{ nodes {{ name }} }} }}")
    written = {
        "literal": (f"{{ tree(first: {size}) {{ nodes {{ name }} }} }}", {}),
        "variable": ("query ($n: Int!) { tree(first: $n) { nodes { name } } }", {"n": size}),
        "default": ("query ($n: Int! = 7) { tree(first: $n) { nodes { name } } }", {"n": size}),
        "fragment": (f"{{ ...F }} fragment F on Query {{ tree(first: {size}) {{ ...G }} }} fragment G on TreeConnection {{ nodes {{ name }} }}", {}),
        "inline": (f"{{ ... on Query {{ tree(first: {size}) {{ ... {{ nodes {{ name }} }} }} }} }}", {}),
    }  # fmt: skip
    query, variables = written[how]
    assert weight(query, variables) == plain


def test_the_default_of_a_variable_counts_where_it_is_not_given() -> None:
    query = "query ($n: Int! = 150) { tree(first: $n) { nodes { name } } }"
    assert weight(query) >= weight("{ tree(first: 150) { nodes { name } } }")


def test_fragments_of_fragments_are_weighed_once_and_counted_always() -> None:
    depth = 40
    text = "{ ...F0 } " + " ".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(depth))
    text += f" fragment F{depth} on Query {{ leaf }}"
    assert weight(text) == 2**depth


HOSTILE = {
    "deep": ("{ entity(ref: \"x\") " + "{ upstream { nodes " * 10 + "{ ref }" + " } }" * 10 + "}", "TOO_COSTLY"),
    "very deep": ("{a" * 450 + "}" * 450, "TOO_COSTLY"),
    "deep through fragments": (
        "{ entity(ref: \"x\") { ...A } } " + " ".join(
            f"fragment {a} on Entity {{ upstream {{ nodes {{ ...{b} }} }} }}" for a, b in zip("ABCDEFG", "BCDEFGH", strict=True)
        ) + " fragment H on Entity { ref }", "TOO_COSTLY"),
    "a circle of fragments": ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "USAGE"),
    "a fragment of itself": ("{ ...A } fragment A on Query { serverInfo { version } ...A }", "USAGE"),
    "fan-out": ("{ dataset(ref: \"x\") " + "{ upstream(first: 10) { nodes " * 5 + "{ ref }" + " } }" * 5 + "}", "TOO_COSTLY"),
    "wide pages": ('{ search(text: "a", first: 200) { nodes { entity { upstream(first: 200) { nodes { ref } } } } } }', "TOO_COSTLY"),
    "the largest page": ('{ search(text: "a", first: 2147483647) { nodes { ref } } }', "TOO_COSTLY"),
    "beyond a page": ('{ search(text: "a", first: 201) { totalCount } }', "USAGE"),
    "a negative page": ('{ search(text: "a", first: -5) { totalCount } }', "USAGE"),
    "a page that is no number": ('{ search(text: "a", first: 1.5) { totalCount } }', "GRAPHQL_VALIDATION"),
    "a page beyond numbers": ('{ search(text: "a", first: 99999999999999999999) { totalCount } }', "TOO_COSTLY"),
    "aliases": ("{" + " ".join(f"a{i}: serverInfo {{ version }}" for i in range(40)) + "}", "TOO_COSTLY"),
    "aliases in fragments": (
        "{ ...A ...A ...A ...A } fragment A on Query {" + " ".join(f"a{i}: __typename" for i in range(10)) + "}", "TOO_COSTLY"),
    "names of the type": ("{" + " __typename" * 100_000 + "}", "TOO_COSTLY"),
    "directives": ("{ __typename " + "@include(if: true) " * 900 + "}", "TOO_COSTLY"),
    "a deep literal": ('{ nodes(ids: ' + "[" * 90_000 + "]" * 90_000 + ") { id } }", "TOO_COSTLY"),
    "many names": ("{ nodes(ids: [" + '"x" ' * 60 + "]) { id } }", "USAGE"),
    "introspection in circles": ("{ __schema { types { fields { type { fields { type { fields { type { name } } } } } } } } }", "GRAPHQL_VALIDATION"),
    "no query": ("", "GRAPHQL_SYNTAX"),
    "no GraphQL": ("SELECT 1", "GRAPHQL_SYNTAX"),
    "a subscription": ("subscription { serverInfo { version } }", "GRAPHQL_VALIDATION"),
    "half a character": ('{ search(text: "\ud800") { totalCount } }', "USAGE"),
    "an unknown field": ("{ nothing }", "GRAPHQL_VALIDATION"),
    "a long ref": ('{ entity(ref: "' + ":" * 2000 + '") { ref } }', "USAGE"),
    "a long word": ('{ search(text: "' + "a" * 2000 + '") { totalCount } }', "USAGE"),
    "a cursor beyond the log": ('{ commits(after: "WzFd") { nodes { seq } } terms(after: "e30") { nodes { ref } } }', "USAGE"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_is_refused_with_a_code(name: str) -> None:
    query, code = HOSTILE[name]
    found, message = refused(STORE, query)
    assert found == code, message
    assert len(message) < 1200


def test_a_log_is_not_read_beyond_its_ends() -> None:
    from catalog.api.pages import cursor

    for seq in (-(10**30), -1, 0, 1, 2, 10**30):
        found = ask(STORE, "query ($a: String) { commits(after: $a) { nodes { seq } } }", a=cursor(seq))
        assert [c["seq"] for c in found["commits"]["nodes"]] == ([1] if seq > 1 else [])


def test_introspection_as_tools_send_it_is_answered() -> None:
    from graphql import get_introspection_query

    found = run(STORE, get_introspection_query(descriptions=True))
    assert len(found.response["data"]["__schema"]["types"]) > 80


def test_the_cost_is_told() -> None:
    found = run(STORE, "{ serverInfo { version } }").response["extensions"]["cost"]
    assert found == {"requested": 56, "limit": Limits().cost}


def test_an_answer_that_takes_too_long_is_stopped_at_the_next_question_to_the_store() -> None:
    asked = Asked('{ lineage(refs: ["pg:shop.raw"]) { complete } serverInfo { version } }')
    found = answer(shared(Limits(seconds=3), Ticks(step=1.0)), STORE, asked, None)
    assert found.response["data"] is None or None in found.response["data"].values()
    assert {e["extensions"]["code"] for e in found.response["errors"]} == {"DEADLINE"}
    assert not found.faults


def test_faults_are_masked_and_handed_over() -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("the password is hunter2")

    found = answer(shared(), cast(Store, Broken()), Asked("{ serverInfo { version } }"), None, "request-7")
    (error,) = found.response["errors"]
    assert error["message"] == "internal error"
    assert error["extensions"] == {"code": "INTERNAL", "requestId": "request-7"}
    assert "hunter2" not in str(found.response)
    assert [str(fault) for fault in found.faults] == ["the password is hunter2"]


# --- queries made up --------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(
    "entity dataset column search lineage terms commits nodes node upstream downstream columns owners claims edges "
    "pageInfo ref urn id kind name description evidence __typename __schema types fields nothing totalCount".split()
)
VALUES = st.one_of(
    st.integers(-(2**40), 2**40).map(str),
    st.sampled_from(['"pg:shop.orders"',
                     '"pg:shop.orders#amount"', '"x"', "null", "[]", "{}", "UPSTREAM", "$v", "[1, [2]]", "1e400", '"\\u0000"']),
    st.text(st.characters(codec="utf-8"), max_size=8).map(lambda t: '"' + t.replace("\\", "").replace('"', "").replace("\n", "").replace("\r", "") + '"'),
)  # fmt: skip
ARGUMENTS = st.dictionaries(
    st.sampled_from("ref refs first after asOf text direction ids id types kinds maxHops".split()), VALUES, max_size=3
)


def _field(name: str, arguments: dict[str, str], below: str) -> str:
    given_ = "(" + " ".join(f"{k}: {v}" for k, v in arguments.items()) + ")" if arguments else ""
    return f"{name}{given_} {below}"


SELECTIONS = st.recursive(
    st.builds(_field, NAMES, ARGUMENTS, st.just("")),
    lambda inner: st.builds(_field, NAMES, ARGUMENTS, st.lists(inner, min_size=1, max_size=3).map(lambda s: "{ " + " ".join(s) + " }")),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.lists(SELECTIONS, min_size=1, max_size=3),
    st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.integers())),
)
def test_no_query_brings_a_fault_to_light(selections: list[str], value: Any) -> None:
    found = run(STORE, "query ($v: Int) { " + " ".join(selections) + " }", v=value)
    assert not found.faults, found.faults
    assert found.response.get("errors") or found.response["data"] is not None


ROOTS = st.sampled_from(
    [
        '{ entity(ref: "pg:shop.orders") { %s } }', '{ dataset(ref: "pg:shop.raw") { %s } }',
        '{ column(ref: "pg:shop.orders#amount", asOf: "2026-01-15") { %s } }',
        '{ lineage(refs: ["pg:shop.orders"], first: 7) { nodes { entity { %s } } } }', '{ search(text: "shop", first: 4) { nodes { entity { %s } } } }',
        '{ terms(first: 3) { nodes { %s } } }',
    ]
)  # fmt: skip
BELOW = st.recursive(
    st.sampled_from(["ref", "id urn kind", "closedSince begins implied", "claims(first: 3) { totalCount nodes { properties } }"]),
    lambda inner: st.tuples(st.sampled_from(["upstream", "downstream", "owners", "tagged", "partOf"]), st.integers(0, 4), inner).map(
        lambda t: f"{t[0]}(first: {t[1]}) {{ totalCount edges {{ type exactness evidence {{ scope }} }} nodes {{ {t[2]} }} }}"
    ),
    max_leaves=4,
)  # fmt: skip


@settings(max_examples=60)
@given(ROOTS, BELOW)
def test_every_query_that_fits_the_schema_and_the_limits_is_answered(root: str, below: str) -> None:
    found = run(STORE, root % below)
    codes = {e["extensions"]["code"] for e in found.response.get("errors", ())}
    assert codes <= {"TOO_COSTLY"}
    assert not found.faults


def test_nothing_is_left_behind_by_a_request() -> None:
    for _ in range(3):
        ask(STORE, '{ dataset(ref: "pg:shop.orders") { columns { nodes { ref } } } }')
    gc.collect()
    from catalog.api.context import Context

    assert not [one for one in gc.get_objects() if isinstance(one, Context)]


def test_limits_are_those_of_the_schema_that_is_served() -> None:
    with pytest.raises(TooCostlyError):
        cost(core(), parse('{ search(text: "a", first: 2000000) { nodes { ref } } }'), {}, Limits())
