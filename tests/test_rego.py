"""Policies in Rego: what they are told, what their answers come to, and that nothing that goes wrong lets anything pass."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from catalog import decisions
from catalog.check import Checked, check
from catalog.model.errors import ConfigError
from catalog.model.instants import instant
from catalog.model.names import Urn
from catalog.model.nodes import CheckResult, Column, Consent, Dataset
from catalog.policies import read_policies
from catalog.refs import Refs
from catalog.rules import rego_engine
from catalog.rules.judging import Estate
from catalog.rules.rego_engine import CHILD, Bounds, Engine, Outcome
from catalog.rules.rego_input import documents
from catalog.store.port import Store
from tests.catalogs import NAMESPACES, NS, catalog, col, edge, table
from tests.test_check import CHAIN, NOW, TRAINED, VERSION

ROOT = Path(__file__).parents[1]
SECTIONS = "residency: {EU: [pg:raw]}\nlicences: {CC-BY: [pg:other]}\nmodels: {score: {purpose: scoring, deployment_region: US}}\n"
FORBIDDEN = "package shop\nimport rego.v1\n"


def store() -> Store:
    consent = Consent(namespace="register.csv", name="D-1", document="D-1", status="active", purposes=["scoring"])
    result = CheckResult(namespace=NS, name="c", run="r1", at="2026-01-01T00:00:00Z", success=False)
    return catalog(
        *TRAINED, *CHAIN, consent, result, Dataset(namespace=NS, name="raw", columns=["a", "b"]), Column(namespace=NS, name="raw", path="a", data_type="int"),
        edge("COVERED_BY", table("raw"), consent.urn), edge("TAGGED", col("raw.a"), Urn("tag", ("", "pii")), value="name"),
        edge("EVALUATED_ON", result.urn, table("mart")), edge("OWNED_BY", table("raw"), Urn("agent", ("", "ana"))),
    )  # fmt: skip


def ask(folder: Path, policy: str, query: str = "data.shop.deny", of: Store | None = None, **more: Any) -> Checked:
    (folder / "p.rego").write_text(policy)
    rule = {"id": "own", "kind": "rego", "file": "p.rego", "query": query, **more}
    (folder / "rules.yaml").write_text(f"{SECTIONS}rules: [{json.dumps(rule)}]")
    asked = of or store()
    return check(asked, Refs(asked, NAMESPACES), read_policies([folder / "rules.yaml"]), instant(NOW))


def verdicts(checked: Checked) -> list[tuple[str, str]]:
    return [(j.verdict, j.why) for j in checked.judgements]


# --- what it is told --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("subjects", "count"), [("model_versions", 1), ("datasets", 5), ("columns", 6)])
def test_what_a_policy_is_told_is_as_published(tmp_path: Path, subjects: str, count: int) -> None:
    schema = json.loads((ROOT / "schema/json/headwater.policy-input.json").read_text())
    (tmp_path / "p.rego").write_text("package shop")
    (tmp_path / "r.yaml").write_text(
        f"{SECTIONS}rules: [{{id: own, kind: rego, file: p.rego, query: data.shop.deny, subjects: {subjects}}}]"
    )
    policies = read_policies([tmp_path / "r.yaml"])
    told = store()
    found = list(documents(Estate(told, Refs(told, NAMESPACES), policies, instant(NOW)), policies.rules[0]))
    assert len(found) == count
    for _, document in found:
        jsonschema_rs.validator_for(schema).validate(document)


def test_a_model_version_comes_with_terms_sources_consents_labels_checks_and_gaps(tmp_path: Path) -> None:
    policy = (
        FORBIDDEN
        + """deny contains msg if {
        input.model.regions[_] == "US"
        some source in input.sources
        source.flow == "value"
        "EU" in source.residency
        source.consents[0].document == "D-1"
        some column in source.columns
        "pii=name" in column.tags
        some bad in input.checks
        bad.success == false
        msg := {"msg": sprintf("%s reaches %s", [column.ref, input.subject.ref]), "ref": source.ref}
    }"""
    )
    (violation,) = ask(tmp_path, policy).answer.data["violations"]
    assert violation["why"] == "pg:raw#a reaches ml:score/1"
    assert (violation["subject"], violation["cause"]) == ("ml:score/1", "pg:raw")


def test_data_sets_and_columns_are_subjects_too(tmp_path: Path) -> None:
    unowned = FORBIDDEN + 'deny contains "nobody answers for it" if count(input.data.owners) == 0'
    found = ask(tmp_path, unowned, subjects="datasets")
    assert {j.subject.name for j in found.judgements if j.verdict == "passed"} == {"raw"}
    failed = FORBIDDEN + "deny contains input.data.ref if { some run in input.checks; run.success == false }"
    assert [v["why"] for v in ask(tmp_path, failed, subjects="datasets").answer.data["violations"]] == ["pg:mart"]
    tagged = FORBIDDEN + 'deny contains input.data.tags[_] if input.subject.kind == "Column"'
    assert [(v["subject"], v["why"]) for v in ask(tmp_path, tagged, subjects="columns").answer.data["violations"]] == [
        ("pg:raw#a", "pii=name")
    ]


# --- what answers come to ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "query", "why"),
    [
        ("deny contains msg if { false; msg := 1 }", "deny", None),
        ('deny contains "one"\ndeny contains {"msg": "two", "n": 2}', "deny", ["one", "two"]),
        ("deny contains 3", "deny", ["3"]),
        ("default allow := false\nallow if input.model.version == \"1\"", "allow", None),
        ("default allow := false\nallow if input.model.version == \"2\"", "allow", ["data.shop.allow is false"]),
        ("allow if input.model.version == \"2\"", "allow", ["undefined"]),
        ("deny contains 1 if false", "alow", ["undefined"]),
        ('allow := "yes"', "allow", ["is yes"]),
        ("allow := [true]", "allow", ["is [true]"]),
        ("deny := false", "deny", ["expected a set of messages"]),
        ("ok := true", "ok", ["expected a set of messages"]),
        ("deny := {}", "deny", ["expected a set of messages"]),
    ],
)  # fmt: skip
def test_only_allow_that_is_true_and_a_set_that_is_empty_pass(
    tmp_path: Path, policy: str, query: str, why: list[str] | None
) -> None:
    found = verdicts(ask(tmp_path, FORBIDDEN + policy, f"data.shop.{query}"))
    if why is None:
        assert [verdict for verdict, _ in found] == ["passed"]
    else:
        assert [verdict for verdict, _ in found] == ["violated"] * len(why)
        assert all(part in said for part, (_, said) in zip(sorted(why), sorted(found), strict=True))


HOSTILE = {
    "no rego": "not rego \x00",
    "unclosed": FORBIDDEN + "deny contains " + "(" * 5_000,
    "nested": FORBIDDEN + "deny contains x if { x := " + "[" * 20_000 + "]" * 20_000 + " }",
    "recursive": FORBIDDEN + "f(x) := f(x)\ndeny contains f(1)",
    "circular": FORBIDDEN + "deny contains 1 if x\nx if y\ny if x",
    "network": FORBIDDEN + 'deny contains x if { x := http.send({"method": "get", "url": "http://127.0.0.1:9"}).status_code }',
    "failing": FORBIDDEN + "deny contains x if { x := 1 / 0 }",
    "much memory": FORBIDDEN + "deny contains x if { x := numbers.range(1, 1000000000) }",
    "huge answer": FORBIDDEN + f'long := "{"x" * 300_000}"\ndeny contains [long, long, long, long]',
    "another package": "package other\ndeny contains 1 if false",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_answered_is_denied(tmp_path: Path, name: str) -> None:
    (found,) = verdicts(ask(tmp_path, HOSTILE[name]))
    assert found[0] == "violated"
    assert found[1].startswith("denied: data.shop.deny: it")


SLOW = (
    FORBIDDEN
    + """deny contains x if {
    some i in numbers.range(1, 4000); some j in numbers.range(1, 4000); x := i * j; x < 0 }"""
)


def test_a_policy_that_does_not_end_is_stopped_and_soon_not_asked_any_more() -> None:
    with Engine(SLOW, "data.shop.deny", Bounds(seconds=0.3, breaches=2)) as engine:
        found = [engine.ask({}) for _ in range(4)]
    assert [outcome.value for outcome in found] == [None] * 4
    assert [str(outcome.failed)[:12] for outcome in found] == ["it took long"] * 2 + ["it is not as"] * 2


def test_after_a_breach_the_next_document_is_asked_as_if_nothing_had_been() -> None:
    policy = (
        FORBIDDEN + "deny contains count(numbers.range(1, 1000000000)) if input.large\ndeny contains 1 if input.bad"
    )
    with Engine(policy, "data.shop.deny") as engine:
        assert engine.ask({"large": True}).failed is not None
        assert engine.ask({"bad": True}) == Outcome([1])
        assert engine.ask({}) == Outcome([])


def test_the_environment_is_empty_and_nothing_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    with Engine(FORBIDDEN + "deny := opa.runtime()", "data.shop.deny") as engine:
        assert engine.ask({}).value["env"] == {}
    tried = "import os, runpy, resource\nresource.setrlimit = lambda *_: None\n"
    assert "s3cret" not in json.dumps(_child(tried))
    opened = _child("import builtins\n", "open('/etc/hostname')")
    assert "Too many open files" in opened["error"]
    connected = _child("", "__import__('socket').socket()")
    assert "Too many open files" in connected["error"]


def _child(before: str, inside: str = "dict(__import__('os').environ)") -> dict[str, Any]:
    """Returns what a child says whose interpreter runs an expression of Python."""
    fake = f"""{before}
import importlib, runpy, sys, types, socket
class Interpreter:
    def add_module(self, *_): pass
    def set_input_term(self, _): pass
    def query(self, _):
        raise ValueError(str({inside}))
sys.modules["regopy"] = types.SimpleNamespace(Interpreter=Interpreter, __spec__=None)
runpy.run_path({str(CHILD)!r}, run_name="__main__")
"""
    with Engine("", "data.x", command=(sys.executable, "-I", "-c", fake)) as engine:
        return {"error": engine.ask({}).failed}


def test_without_the_package_everything_is_denied(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rego_engine, "package_folder", lambda: None)
    with Engine("package shop", "data.shop.deny", command=(sys.executable, "-I", "-S", str(CHILD))) as engine:
        assert engine.ask({}).failed == "it failed: the package regopy is not installed: the extra `rego` brings it"


def test_a_child_that_talks_nonsense_is_no_answer() -> None:
    for said in ("print('yes')", "print('[]')", "print('{}')", ""):
        with Engine("", "data.x", command=(sys.executable, "-I", "-c", f"input(); input(); {said}")) as engine:
            assert engine.ask({}).failed is not None


# --- rules ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{id: x, kind: rego}", "without a file"),
        ("{id: x, file: p.rego}", "the query None"),
        ("{id: x, file: p.rego, query: 'data.x; http.send'}", "the query"),
        ("{id: x, file: p.rego, query: data.x.deny, subjects: people}", "the subjects 'people'"),
        ("{id: x, file: ., query: data.x.deny}", "is no file"),
        ("{id: x, file: pipe, query: data.x.deny}", "is no file"),
        ("{id: x, file: none.rego, query: data.x.deny}", "none.rego: cannot be read"),
        ("{id: x, file: large.rego, query: data.x.deny}", "larger than"),
    ],
)
def test_a_rule_that_is_not_whole_is_refused(tmp_path: Path, rule: str, said: str) -> None:
    (tmp_path / "p.rego").write_text("package x")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large.rego").write_text("#" * (10 << 20))
    (tmp_path / "r.yaml").write_text(f"rules: [{rule}]")
    with pytest.raises(ConfigError, match=said):
        read_policies([tmp_path / "r.yaml"])


def test_decisions_hold_the_digests_of_policy_and_input_and_change_with_either(tmp_path: Path) -> None:
    def decide(policy: str, of: Store) -> dict[str, Any]:
        found = ask(tmp_path, policy, of=of)
        decisions.record(of, found, read_policies([tmp_path / "rules.yaml"]), NOW, "ana")
        (state,) = of.get([n.urn for n in of.find(["decision"]).nodes]).values()
        return dict(state.properties)

    deny, allow = FORBIDDEN + 'deny contains "no"', FORBIDDEN + "deny contains 1 if false"
    first, again, other = decide(deny, store()), decide(deny, store()), decide(allow, store())
    assert first == again
    assert (first["verdict"], first["why"], other["verdict"]) == ("violated", "no", "passed")
    assert first["input_digest"] == other["input_digest"]
    assert first["policy_digest"] != other["policy_digest"]
    changed = catalog(*TRAINED, *CHAIN)
    assert decide(deny, changed)["input_digest"] != first["input_digest"]


def test_an_exempt_subject_passes_and_a_rule_without_subjects_says_so(tmp_path: Path) -> None:
    exempt = [{"model_version": "ml:score/1", "reason": "an experiment", "document": "T-1"}]
    assert verdicts(ask(tmp_path, FORBIDDEN + "deny contains 1", exempt=exempt)) == [
        ("passed", "exempt by T-1: an experiment")
    ]
    none = ask(tmp_path, FORBIDDEN + "deny contains 1", of=catalog(Dataset(namespace=NS, name="raw")))
    assert any("asked about nothing" in warning for warning in none.answer.warnings)


def test_the_example_of_the_documentation_holds(tmp_path: Path) -> None:
    text = (ROOT / "docs/policies.md").read_text()
    policies = re.findall(r"```rego\n(.*?)```", text, re.DOTALL)
    assert len(policies) == 2
    by_set, by_allow = (ask(tmp_path, p, f"data.shop.{q}") for p, q in zip(policies, ("deny", "allow"), strict=True))
    assert {v["why"] for v in by_set.answer.data["violations"]} == {
        "pg:raw#a is personal (pii=name), and the model is used in US"
    }
    assert [j.verdict for j in by_allow.judgements] == ["violated"]
    assert VERSION.urn in {j.subject for j in by_allow.judgements}


def test_nothing_of_a_policy_is_left_behind(tmp_path: Path) -> None:
    before = _open_files()
    ask(tmp_path, FORBIDDEN + "deny contains 1")
    assert _open_files() <= before


def _open_files() -> int:
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0
