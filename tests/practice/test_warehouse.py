"""Snowflake's query log, dbt, Unity Catalog and MLflow stitch to one path; what is not integrated is reported."""

from __future__ import annotations

from tests.practice.conftest import Begin

MART, STAGE, RAW = (
    f"sf:ANALYTICS.{name}" for name in ("PUBLIC_MART.FCT_REVENUE", "STAGE.REVENUE_CLEAN", "RAW.REVENUE")
)
VIEW = "dbx:shop.mart.v_revenue"
PATH = """query($derived: String!, $source: String!) { lineagePath(derived: $derived, source: $source, flow: TABLE) {
  nodes { ref } } }"""


def test_a_metric_leads_to_raw_tables_and_what_is_not_integrated_is_reported(practice: Begin) -> None:
    asked = practice("warehouse")
    asked.headwater("ingest")
    columns = asked.ask("lineage", "metric:total_revenue", "--upstream")
    assert {(e["from"], e["to"], e["subtype"]) for e in columns["edges"]} == {
        (f"{MART}#REVENUE", "metric:total_revenue", "aggregation"), (f"{STAGE}#REVENUE", f"{MART}#REVENUE", "identity"),
        (f"{RAW}#REVENUE", f"{STAGE}#REVENUE", "transformation"), (f"{VIEW}#revenue", f"{RAW}#REVENUE", "identity"),
    }  # fmt: skip
    path = asked.graphql(PATH, derived="metric:total_revenue", source="dbx:shop.raw.orders")["lineagePath"]
    assert [n["ref"] for n in path["nodes"]] == ["metric:total_revenue", MART, STAGE, RAW, VIEW, "dbx:shop.raw.orders"]
    report = asked.ask("lineage", "exposure:board_report", "--upstream", "--level", "dataset", "--flow", "table")
    assert {"metric:total_revenue", MART, STAGE, RAW, VIEW, "dbx:shop.raw.orders", "dbx:shop.raw.customers"} <= {
        n["ref"] for n in report["nodes"]
    }
    trained = asked.ask("provenance", "mlflow:forecast/1")
    assert {f["name"]: f["sources"] for f in trained["features"]} == {
        "country": [f"{VIEW}#country"],
        "revenue": [f"{VIEW}#revenue"],
    }

    checked = asked.ask("check", code=1)
    assert {v["subject"] for v in checked["violations"]} == {
        "sf:ANALYTICS.MANUAL.TARGETS",
        "job:shop-scripts/upload_targets",
    }
    assert {"job:shop-scripts/export_revenue", "job:mlflow/revenue", RAW, "dbx:shop.raw.orders"} <= {
        p["subject"] for p in checked["passed"]
    }
