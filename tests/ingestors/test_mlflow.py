"""The reader of MLflow: what it promises besides the contract of all ingestors."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from catalog.model.edges import AtCommit, Selects, TrainedOn, Used, UsesFeature
from catalog.model.errors import ConfigError, SourceError
from catalog.model.facts import element_of, write_scope
from catalog.model.ingest import Context, Limits
from catalog.model.instants import parse, show
from catalog.model.nodes import CodeVersion, Environment, Model, ModelVersion, Run
from ingestors.mlflow import MlflowIngestor, MlflowOptions, rest
from ingestors.mlflow.inputs import NamedInput
from ingestors.mlflow.records import Input
from ingestors.mlflow.registry import listed
from tests.ingestors.cases import CASES, Read
from tests.ingestors.test_contract import HOSTILE
from tests.ingestors.tracking_server import Server, broken, serving, store

NAMESPACE = "mlflow://tracking.orchard.example"
FIRST, THIRD = "e38413195ec8411592bff0a8826f1295", "877c26b0a9fd44e8bc232eb78e3770af"
MD5 = "314301c0944c18d499277b58d8909b35"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(rest, "_WAITS_S", (0.0, 0.0, 0.0))
    with serving() as running:
        yield running


def reads(root: Path, limits: Limits | None = None, more: dict[str, str] | None = None, **options: Any) -> list[Read]:
    context = Context(
        source="tracking",
        root=root,
        namespaces={"tracking": NAMESPACE, **(more or {})},
        now=parse("2026-11-21"),
        limits=limits or Limits(),
    )
    ingestor = MlflowIngestor(MlflowOptions(namespace="tracking", **options))
    return [Read(snapshot, tuple(snapshot.facts)) for snapshot in ingestor.snapshots(context)]


def models(root: Path) -> str:
    shutil.copytree(CASES / "mlflow" / "store" / "models", root / "models")
    return "models"


def said(found: list[Read]) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        (write_scope(one.snapshot.scope), show(one.snapshot.at)): (
            one.snapshot.complete,
            one.snapshot.dated,
            one.snapshot.unread,
            frozenset(fact.body for fact in one.facts),
        )
        for one in found
    }


def change(path: Path, *statements: str, **values: object) -> None:
    with sqlite3.connect(path) as db:
        for statement in statements:
            db.execute(statement, values)
    db.close()


def named(found: list[Read], *tail: str) -> Read:
    """Returns the last snapshot of the scope that ends so."""
    return [one for one in found if one.snapshot.scope[2:] == tail][-1]


def elements(found: list[Read], kind: type) -> list[Any]:
    return [fact.element for one in found for fact in one.facts if isinstance(fact.element, kind)]


# --- the two ways in ------------------------------------------------------------------------------------------------


def test_the_database_and_the_server_say_the_same(tmp_path: Path, server: Server) -> None:
    folder = models(tmp_path)
    store(tmp_path)
    of_file = said(reads(tmp_path, path="tracking.db", models=folder))
    of_server = said(reads(tmp_path, url=server.url, models=folder))
    assert of_file == of_server
    assert len(of_file) == 14


def test_pages_are_followed_with_their_tokens(tmp_path: Path, server: Server) -> None:
    reads(tmp_path, url=server.url)
    tokens = [body.get("page_token") for endpoint, body in server.asked if endpoint == "runs/search"]
    assert tokens == [None, "page2", "page3"] * 2


@pytest.mark.parametrize(
    ("fault", "incomplete"),
    [
        ("runs/search#page2", {"experiments/1", "experiments/2", "models/apple_yield/1"}),
        ("registered-models/search", {"models"}),
        ("model-versions/search#page2", {"models"}),
        ("logged-models/search#page2", {"models/apple_yield/1"}),
    ],
)
def test_a_page_that_fails_makes_incomplete_only_what_it_hid(
    fault: str, incomplete: set[str], tmp_path: Path, server: Server
) -> None:
    server.faults[fault] = [broken()]
    found = reads(tmp_path, url=server.url)
    last = {"/".join(one.snapshot.scope[2:]): one.snapshot.complete for one in found}
    assert {scope for scope, complete in last.items() if not complete} == incomplete
    assert any(skip.code == "unreadable" and "answers 500" in skip.message for one in found for skip in one.skips)


def test_a_server_that_stumbles_is_asked_again(tmp_path: Path, server: Server) -> None:
    whole = said(reads(tmp_path, url=server.url))
    server.faults["runs/search"] = [broken(503), broken(429), broken(502), None]
    assert said(reads(tmp_path, url=server.url)) == whole


def test_a_refusal_is_not_tried_again(tmp_path: Path, server: Server) -> None:
    server.faults["experiments/search"] = [broken(403)]
    with pytest.raises(SourceError, match="answers 403"):
        reads(tmp_path, url=server.url)
    assert [endpoint for endpoint, _ in server.asked].count("experiments/search") == 1


def test_another_host_is_never_asked(tmp_path: Path, server: Server) -> None:
    with serving() as other:
        server.faults["experiments/search"] = [broken(302, Location=f"{other.url}/api/2.0/mlflow/experiments/search")]
        with pytest.raises(SourceError, match="answers 302"):
            reads(tmp_path, url=server.url)
        assert not other.asked


def test_a_server_that_is_down_is_an_error_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "_WAITS_S", (0.0,))
    with pytest.raises(SourceError, match="cannot be reached") as refused:
        reads(tmp_path, url="http://127.0.0.1:9")
    assert refused.value.remedy


@pytest.mark.parametrize(
    "body", [b"<html>", b"[1]", b'{"experiments": 3}', b'{"experiments": [1, {"name": 5}]}', b"\xff"]
)
def test_an_answer_of_another_shape_is_survived(body: bytes, tmp_path: Path, server: Server) -> None:
    server.faults["experiments/search"] = [broken(200, body)]
    try:
        found = reads(tmp_path, url=server.url)
    except SourceError:
        return
    assert not elements(found, Run)


def test_an_answer_that_is_too_long_is_refused(tmp_path: Path, server: Server) -> None:
    with pytest.raises(SourceError, match="answers with more than 100 bytes"):
        reads(tmp_path, Limits(document_bytes=100), url=server.url)


def test_a_token_that_comes_again_ends_the_listing(tmp_path: Path, server: Server) -> None:
    page = json.dumps({"runs": [], "next_page_token": "again"}).encode()
    server.faults["runs/search"] = [broken(200, page)]
    found = reads(tmp_path, url=server.url)
    assert "the same page again" in named(found, "experiments", "1").skips[0].message


def test_the_bearer_token_comes_from_the_environment(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TRACKING_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="'TRACKING_TOKEN' is not set"):
        reads(tmp_path, url=server.url, token_env="TRACKING_TOKEN")
    monkeypatch.setenv("TRACKING_TOKEN", "s3cret")
    found = reads(tmp_path, url=server.url, token_env="TRACKING_TOKEN")
    assert all(headers["Authorization"] == "Bearer s3cret" for headers in server.headers)
    assert not any("s3cret" in fact.body for one in found for fact in one.facts)


@pytest.mark.parametrize(
    "options", [{}, {"path": "a", "url": "http://h"}, {"url": "file:///etc"}, {"url": "http://u:p@h"}]
)
def test_options_name_one_input_without_credentials(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        MlflowOptions(namespace="x", **options)


# --- the database ---------------------------------------------------------------------------------------------------


def test_an_older_server_without_data_sets_and_logged_models_is_read(tmp_path: Path) -> None:
    path = store(tmp_path)
    missing = ("inputs", "datasets", "input_tags", "logged_models", "logged_model_params", "registered_model_aliases")
    change(path, *(f"DROP TABLE {table}" for table in missing))
    found = reads(tmp_path, path="tracking.db")
    assert len(elements(found, Run)) == 12
    assert all({one.snapshot.scope: one.snapshot.complete for one in found}.values())


def test_a_view_is_no_table(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(path, "ALTER TABLE runs RENAME TO hidden", "CREATE VIEW runs AS SELECT * FROM hidden")
    with pytest.raises(SourceError, match="holds no tables"):
        reads(tmp_path, path="tracking.db")


def test_the_file_is_not_written_to(tmp_path: Path) -> None:
    path = store(tmp_path)
    before = path.read_bytes()
    reads(tmp_path, path="tracking.db")
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["tracking.db"]


def test_what_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "tracking.db").write_bytes(b"SQLite format 3\0" + b"\0" * 200)
    with pytest.raises(SourceError):
        reads(tmp_path, path="tracking.db")


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_are_data(name: str, tmp_path: Path) -> None:
    path = store(tmp_path)
    change(
        path,
        "UPDATE experiments SET name = :name || experiment_id",
        "UPDATE datasets SET name = :name",
        "UPDATE params SET value = :name WHERE key = 'target'",
        "UPDATE tags SET value = :name WHERE key LIKE '%repoURL'",
        "UPDATE model_versions SET name = :name",
        name=name,
    )
    found = reads(tmp_path, path="tracking.db")
    assert {e.name for e in elements(found, ModelVersion)} == {name}
    for one in found:
        assert all(element_of(fact.body) == fact.element for fact in one.facts)


# --- what is said ---------------------------------------------------------------------------------------------------


def test_a_version_is_tied_to_run_commit_data_and_columns(tmp_path: Path) -> None:
    store(tmp_path)
    found = reads(tmp_path, path="tracking.db", models=models(tmp_path))
    facts = [fact.element for fact in named(found, "models", "apple_yield", "3").facts]
    (version,) = (e for e in facts if isinstance(e, ModelVersion))
    assert (version.run_id, version.target, version.features and version.features[0]) == (THIRD, "failed", "tree_age")
    (code,) = (e.end for e in facts if isinstance(e, AtCommit))
    assert code.parts[0] == "https://git.orchard.example/ml/yield.git"
    trained = {(e.role, e.end.kind, e.end.name) for e in facts if isinstance(e, TrainedOn)}
    assert trained == {
        ("training", "datasetversion", "orchards/apple_yield_train"),
        ("source", "datasetversion", "orchards/apple_features"),
    }
    targets = {e.end.parts for e in facts if isinstance(e, UsesFeature) and e.role == "target"}
    assert targets == {
        (NAMESPACE, "orchards/apple_yield_train", "failed"),
        (NAMESPACE, "orchards/apple_features", "failed"),
    }


def test_data_whose_content_is_proved_is_preferred_over_a_sample(tmp_path: Path) -> None:
    store(tmp_path)
    found = reads(tmp_path, path="tracking.db", models=models(tmp_path))
    facts = [fact.element for fact in named(found, "models", "apple_yield", "1").facts]
    assert {e.end.name for e in facts if isinstance(e, UsesFeature)} == {"orchards/apple_features"}
    used = {(e.end.kind, e.sample_digest) for e in elements([named(found, "experiments", "1", FIRST)], Used)}
    assert used == {("dataset", "a82a7685"), ("dataset", "c9ae7a91"), ("datasetversion", None)}


def test_the_feature_service_of_a_tag_is_looked_for_in_the_only_feature_store(tmp_path: Path) -> None:
    store(tmp_path)
    assert not elements(reads(tmp_path, path="tracking.db"), Selects)
    found = reads(tmp_path, more={"features": "feast://orchard"}, path="tracking.db")
    selected = {(edge.start.parts[2], edge.end.parts) for edge in elements(found, Selects)}
    assert selected == {("1", ("feast://orchard", "apple_fs_v1")), ("3", ("feast://orchard", "apple_fs_v3"))}


def test_without_a_signature_the_parameters_of_the_run_name_the_features(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(path, "UPDATE params SET key = 'inputs' WHERE key = 'features'", "DELETE FROM logged_model_params")
    found = reads(tmp_path, path="tracking.db", features_param="inputs")
    (version,) = elements([named(found, "models", "apple_yield", "3")], ModelVersion)
    assert len(version.features or ()) == 8
    assert len({e.end for e in elements([named(found, "models", "apple_yield", "3")], UsesFeature)}) == 18


def test_a_feature_that_no_input_has_is_skipped_by_name(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(path, "UPDATE params SET value = 'tree_age,moon' WHERE key = 'features'")
    found = reads(tmp_path, path="tracking.db")
    version = named(found, "models", "apple_yield", "3")
    assert {e.end.parts[2] for e in elements([version], UsesFeature)} == {"tree_age", "failed"}
    assert [(skip.code, "'moon'" in skip.message) for skip in version.skips] == [("unresolved", True)]


def test_what_cannot_change_is_dated_by_the_registration(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(path, "UPDATE model_versions SET description = 'Better', last_updated_time = last_updated_time + 86400000")
    found = [one for one in reads(tmp_path, path="tracking.db") if one.snapshot.scope[3:] == ("apple_yield", "3")]
    assert [(show(one.snapshot.at)[:10], one.snapshot.complete) for one in found] == [
        ("2026-03-24", False),
        ("2026-03-25", True),
    ]
    assert [elements([one], ModelVersion)[0].description for one in found] == [None, "Better"]
    assert {e.end for e in elements(found[:1], UsesFeature)} == {e.end for e in elements(found[1:], UsesFeature)}


def test_runs_and_versions_that_are_gone_are_not_spared_by_the_newest_listing(tmp_path: Path) -> None:
    path = store(tmp_path)
    run = ("experiments", "1", FIRST)
    assert (*("mlflow", NAMESPACE), *run) in named(
        reads(tmp_path, path="tracking.db"), "experiments", "1"
    ).snapshot.unread
    change(path, "DELETE FROM runs WHERE run_uuid = :run", "DELETE FROM model_versions WHERE version = 1", run=FIRST)
    found = reads(tmp_path, path="tracking.db")
    listing = named(found, "experiments", "1").snapshot
    assert listing.complete
    assert not any(scope[2:] == run for scope in listing.unread)
    assert {scope[3:] for scope in named(found, "models").snapshot.unread} == {("apple_yield", "3")}


def test_a_deleted_run_stays_known_as_deleted(tmp_path: Path) -> None:
    store(tmp_path)
    lifecycles = {e.title: e.lifecycle for e in elements(reads(tmp_path, path="tracking.db"), Run) if e.title}
    assert lifecycles == {
        "apple_yield-train-2026-03-03": None,
        "apple_yield-train-2026-03-24": None,
        "flour-search": None,
        "flour-search-C0.1": None,
        "flour-gone": "deleted",
        "flour-crashed": None,
    }


def test_a_clock_that_runs_ahead_does_not_count(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(
        path,
        "UPDATE latest_metrics SET timestamp = 4102444800000",
        "UPDATE registered_models SET last_updated_time = 1e17",
    )
    assert max(one.snapshot.at for one in reads(tmp_path, path="tracking.db")) < parse("2026-03-25")


def test_values_are_capped_and_said_to_be(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(path, "UPDATE params SET value = :long WHERE key = 'C'", long="x" * 100_000)
    found = reads(tmp_path, path="tracking.db")
    assert all(len(fact.body) < 300_000 for one in found for fact in one.facts)
    assert {skip.code for one in found for skip in one.skips} == {"too_large"}


def test_passwords_in_addresses_are_left_out(tmp_path: Path) -> None:
    path = store(tmp_path)
    change(
        path,
        "UPDATE tags SET value = 'https://bot:hunter2@git.orchard.example/r.git' WHERE key LIKE '%repoURL'",
        """UPDATE datasets SET dataset_source = '{"uri": "s3://key:hunter2@orchard/x"}'""",
        "UPDATE logged_models SET artifact_location = 's3://key:hunter2@orchard/x'",
    )
    found = reads(tmp_path, path="tracking.db")
    assert not any("hunter2" in fact.body for one in found for fact in one.facts)
    assert {e.namespace for e in elements(found, CodeVersion)} == {"https://git.orchard.example/r.git"}


def test_aliases_are_told_of_the_model_and_of_its_version(tmp_path: Path) -> None:
    store(tmp_path)
    listing = [named(reads(tmp_path, path="tracking.db"), "models")]
    assert [json.loads(e.aliases) for e in elements(listing, Model)] == [{"champion": "3"}]
    assert {e.version: e.aliases for e in elements(listing, ModelVersion)} == {"1": None, "3": ["champion"]}


def test_a_model_is_never_loaded(tmp_path: Path) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return (Path.touch, (tmp_path / "canary",))

    store(tmp_path)
    folder = models(tmp_path)
    for path in (tmp_path / folder).rglob("MLmodel"):
        (path.parent / "model.pkl").write_bytes(pickle.dumps(Bomb()))
        path.write_text(path.read_text() + "loader: !!python/object/apply:os.system ['touch canary']\n")
    found = reads(tmp_path, path="tracking.db", models=folder)
    assert not (tmp_path / "canary").exists()
    assert not elements(found, Environment)
    assert not named(found, "models", "apple_yield", "3").snapshot.complete
    assert [skip.code for skip in named(found).skips] == ["unreadable"] * 2


# --- pieces ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("digest", "uri", "version"),
    [
        (MD5, None, f"md5:{MD5}"),
        (MD5.upper(), None, f"md5:{MD5}"),
        (MD5 + ".dir", None, f"md5:{MD5}.dir"),
        ("a82a7685", None, None),
        ("1" * 32, None, None),
        ("a82a7685", f"s3://b/files/md5/{MD5[:2]}/{MD5[2:]}", f"md5:{MD5}"),
        ("a82a7685", f"s3://b/files/md5/{MD5[:2]}/{MD5[2:-1]}", None),
    ],
)
def test_only_digests_of_the_whole_content_name_versions(digest: str, uri: str | None, version: str | None) -> None:
    source = None if uri is None else json.dumps({"uri": uri})
    given = NamedInput(Input("x", digest, source=source), NAMESPACE, "e")
    assert given.version == version
    assert given.target.kind == ("dataset" if version is None else "datasetversion")


@pytest.mark.parametrize("role", ["training", None, "source", "Train"])
def test_what_is_not_called_evaluation_trains(role: str | None) -> None:
    tags = {} if role is None else {"mlflow.data.context": role}
    assert NamedInput(Input("x", "y", tags=tags), NAMESPACE, "e").trains


@pytest.mark.parametrize("role", ["evaluation", "Validation", "test", "holdout"])
def test_what_is_called_evaluation_does_not_train(role: str) -> None:
    assert not NamedInput(Input("x", "y", tags={"mlflow.data.context": role}), NAMESPACE, "e").trains


plain = st.text(alphabet=st.characters(categories=["L", "N"], include_characters="_ "), min_size=1).filter(str.strip)


@given(st.lists(plain.map(str.strip), max_size=5))
def test_a_list_of_names_is_read_however_it_was_written(names: list[str]) -> None:
    assert listed(json.dumps(names)) == names
    assert listed(repr(names)) == names
    assert listed(", ".join(names)) == [name for name in names if name]
