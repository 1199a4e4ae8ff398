"""Policy files are read as what they say, and what they cannot mean is refused with its place."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model.errors import CatalogError, ConfigError
from catalog.policies import Policies, read_policies


def read(folder: Path, *texts: str) -> Policies:
    paths = []
    for i, text in enumerate(texts):
        path = folder / f"rules{i}.yaml"
        path.write_text(text)
        paths.append(path)
    return read_policies(paths)


def test_scalars_are_text_so_that_a_region_is_not_a_truth_value(tmp_path: Path) -> None:
    found = read(tmp_path, "residency: {NO: [pg:a.b], EU: pg:c}\nmodels: {m: {purpose: on, deployment_region: NO}}\n")
    assert found.residency == {"NO": ["pg:a.b"], "EU": ["pg:c"]}
    assert (found.models["m"].purposes, found.models["m"].regions) == (("on",), ("NO",))


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("{id: recorded-hash}", "recorded-hash"),
        ("{id: x, kind: licence}", "licence"),
        ("{id: x, register: r.csv}", "consent-for-purpose"),
        ("{id: x, from_residency: EU}", "residency"),
        ("{id: x, keep_days: 30, datasets: [pg:a]}", "retention"),
    ],
)
def test_the_kind_of_a_rule_is_said_or_follows_from_its_keys(tmp_path: Path, rule: str, kind: str) -> None:
    assert [r.kind for r in read(tmp_path, f"rules: [{rule}]").rules] == [kind]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [{id: x}]", ":1: the rule 'x' without a kind"),
        ("rules:\n  - {id: x, kind: licence}\n  - {id: y, kind: licnce}", ":3: the kind 'licnce'"),
        ("rules: [{kind: licence, id: x, lineage: rows}]", "lineage 'rows'"),
        ("rules: [{id: x, kind: licence}, {id: x, kind: residency}]", "two rules have the id 'x'"),
        ("rules: {id: x}", "a list of rules"),
        ("rules: [{id: licence, exempt: [{dataset: pg:a, reason: r}]}]", "a reason and a document"),
        ("rules: [{id: x, keep_days: soon}]", "'soon' days"),
        ("rules: &a [{id: licence}]\nmore: *a", ":2: an alias"),
        ("rules: []\nrules: []", ":2: 'rules' stands twice"),
        ("models: {m: 3}", "a mapping"),
        ("- x", "a mapping with `rules`"),
        ("rules: [", "no YAML"),
        ("[" * 100, "nested"),
        ("rules: !!python/object/apply:os.system [true]", "a rule is 'true'"),
    ],
)
def test_what_is_no_policy_is_refused_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, text)
    assert said in str(caught.value)
    assert "rules0.yaml" in str(caught.value)


def test_a_misspelt_key_is_a_warning_that_names_the_nearest(tmp_path: Path) -> None:
    found = read(tmp_path, "rules: [{id: licence, exemt: [], deny: [X]}]\nresidencies: {}")
    assert ["Did you mean" in warning for warning in found.warnings] == [True, True]


def test_the_digest_of_a_rule_changes_with_whatever_decides_its_answers_and_with_nothing_else(tmp_path: Path) -> None:
    base = "rules: [{id: licence, deny: [X]}, {id: residency}]\nmodels: {m: {purpose: p, owner: %s}}"
    one = read(tmp_path, base % "ana")
    assert one.digest(one.rules[0]) == (same := read(tmp_path, base % "bob")).digest(same.rules[0])
    other = read(tmp_path, (base % "ana").replace("[X]", "[Y]"))
    assert one.digest(one.rules[0]) != other.digest(other.rules[0])
    assert one.digest(one.rules[1]) == other.digest(other.rules[1])


def test_a_missing_or_large_file_is_an_error_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read_policies([tmp_path / "none.yaml"])
    with pytest.raises(ConfigError, match="larger"):
        read(tmp_path, "#" * (1 << 20) + "\n#")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        with suppress(CatalogError):
            read_policies([path])
