"""`emit.py OUT`: what two scripts tell, with openlineage-python 1.54.0: the export from Databricks to Snowflake, and one that says nothing of its data."""

import sys

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset as lineage
from openlineage.client.facet_v2 import schema_dataset as schema
from openlineage.client.transport.file import FileConfig, FileTransport

client = OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=sys.argv[1], append=True)))
UC, SNOWFLAKE = "databricks://uc.shop.example", "snowflake://acme-eu"
names = ("country", "revenue")
facets = {
    "schema": schema.SchemaDatasetFacet([schema.SchemaDatasetFacetFields(n.upper(), t) for n, t in zip(names, ("TEXT", "FLOAT"))]),
    "columnLineage": lineage.ColumnLineageDatasetFacet({
        n.upper(): lineage.Fields([lineage.InputField(UC, "shop.mart.v_revenue", n, [lineage.Transformation("DIRECT", "IDENTITY")])]) for n in names}),
}
RUNS = [
    ("01940000-0000-7000-8000-000000000001", "export_revenue", [InputDataset(UC, "shop.mart.v_revenue")], [OutputDataset(SNOWFLAKE, "ANALYTICS.RAW.REVENUE", facets=facets)]),
    ("01940000-0000-7000-8000-000000000002", "upload_targets", [], []),
]
for run, name, inputs, outputs in RUNS:
    for state, at in ((RunState.START, "2026-11-21T09:00:00Z"), (RunState.COMPLETE, "2026-11-21T09:05:00Z")):
        client.emit(RunEvent(eventType=state, eventTime=at, run=Run(run), job=Job("shop-scripts", name), producer="https://git.shop.example/exports", inputs=inputs, outputs=outputs))
