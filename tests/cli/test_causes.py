"""`headwater impact bad-data:` from what tells of it, `headwater rootcause`, and `headwater check` with a policy in Rego."""

from __future__ import annotations

from pathlib import Path

from catalog.replay import log_of, replay
from catalog.store.opening import open_store
from tests.cli.conftest import Run
from tests.cli.test_governance import as_published
from tests.test_rootcause import store, training

REGISTER = "document,dataset,status,valid_to,purposes\nC-1,wh:shop.raw.orders,expired,2025-12-31,reports\nC-2,wh:shop.raw.orders,active,,reports\n"


def test_bad_data_is_known_from_a_consent_that_ended(filled: Path, headwater: Run) -> None:
    (filled / "register.csv").write_text(REGISTER)
    source = "  - {name: consents, kind: consent, path: register.csv, at: 2026-01-01T00:00:00Z}\n"
    (filled / "headwater.yml").write_text((filled / "headwater.yml").read_text() + source)
    assert headwater("ingest", "consents").code == 0
    asked = headwater("impact", "bad-data:consent:C-1", "--format", "json")
    assert asked.code == 0, asked.err
    as_published(asked.json, "impact")
    (change,) = asked.json["data"]["changes"]
    assert (change["ref"], change["since"], change["why"]) == (
        "wh:shop.raw.orders",
        "2026-01-01T00:00:00Z",
        "the consent C-1 expired",
    )
    told = headwater("impact", "bad-data:consent:C-1", "--fail-on", "value_changes")
    assert told.code == 1
    assert "  wh:shop.raw.orders from 2026-01-01T00:00:00Z: the consent C-1 expired" in told.out
    active = headwater("impact", "bad-data:consent:C-2")
    assert (active.code, "has no last day" in active.err) == (2, True)
    assert headwater("impact", "bad-data:consent:C-9").code == 4


def test_bad_data_is_known_from_a_verification(tracked: Path, headwater: Run) -> None:
    (tracked / "repo" / "data" / "x.csv").write_text("a\n2\n")
    assert headwater("verify", "--record").code == 6
    told = headwater("impact", "bad-data:report:verification@data/x.csv")
    assert told.code == 0, told.err
    assert "its bytes have md5:" in told.out


def test_a_root_cause_is_told_as_text_json_and_markdown(filled: Path, headwater: Run) -> None:
    made = open_store(f"sqlite:///{filled}/models.db")
    replay(log_of(store(training(1, aliases=["live"]), training(2, parameter="9"))), made)
    made.close()
    where = ("--store", f"sqlite:///{filled}/models.db")
    asked = headwater(*where, "rootcause", "m/2", "--format", "json")
    assert asked.code == 0, asked.err
    as_published(asked.json, "rootcause")
    assert asked.json["data"]["suspects"][0]["cause"] == "parameters"
    named = headwater(*where, "rootcause", "m/2", "--good", "m/1")
    assert "(it was named)" in named.out
    page = headwater(*where, "rootcause", "m/2", "--format", "markdown", "-o", "cause.md")
    assert page.code == 0
    assert (filled / "cause.md").read_text().startswith("# Root cause of ")
    assert headwater(*where, "rootcause", "m/1").code == 2
    assert headwater(*where, "rootcause", "m/7").code == 4


def test_a_policy_in_rego_trips_the_gate_and_so_does_one_that_cannot_be_read(tracked: Path, headwater: Run) -> None:
    (tracked / "own.rego").write_text(
        "package own\nimport rego.v1\ndeny contains input.subject.ref if count(input.data.owners) == 0\n"
    )
    (tracked / "own.yaml").write_text(
        "rules: [{id: owned, kind: rego, file: own.rego, query: data.own.deny, subjects: datasets}]\n"
    )
    found = headwater("check", "--policy", "own.yaml", "--format", "json")
    assert found.code == 1, found.err
    as_published(found.json, "check")
    assert "wh:shop.raw.orders" in {v["why"] for v in found.json["data"]["violations"]}
    (tracked / "own.rego").write_text("package own {")
    broken = headwater("check", "--policy", "own.yaml", "--no-record")
    assert (broken.code, "denied: data.own.deny: it failed" in broken.out) == (1, True)
    (tracked / "own.rego").unlink()
    assert headwater("check", "--policy", "own.yaml").code == 2
