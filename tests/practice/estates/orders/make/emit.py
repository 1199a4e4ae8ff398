"""`emit.py OUT MD5`: what the two scripts around the DAG tell, with openlineage-python 1.54.0: the fetch from the API and the export."""

import sys
from datetime import datetime

from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import InputDataset, Job, OutputDataset, Run, RunEvent, RunState
from openlineage.client.facet_v2 import column_lineage_dataset as lineage
from openlineage.client.facet_v2 import dataset_version_dataset as version
from openlineage.client.facet_v2 import schema_dataset as schema
from openlineage.client.transport.file import FileConfig, FileTransport

out, md5 = sys.argv[1:]
client = OpenLineageClient(transport=FileTransport(FileConfig(log_file_path=out, append=True)))
WAREHOUSE, BUCKET = "postgres://127.0.0.1:5544", "s3://shop-ml"


def ran(run, name, began, ended, inputs, outputs):
    for state, at in ((RunState.START, began), (RunState.COMPLETE, ended)):
        client.emit(RunEvent(eventType=state, eventTime=at, run=Run(run), job=Job("shop-scripts", name), producer="https://git.shop.example/orders",
                             inputs=inputs, outputs=outputs))


ran("0193f2a0-0000-7000-8000-000000000001", "fetch_orders", "2026-11-21T08:20:00Z", "2026-11-21T08:20:09Z",
    [InputDataset("https://api.shop.example", "v1/orders")], [OutputDataset("file", "/lake/raw/orders.csv")])
same = {name: lineage.Fields([lineage.InputField(WAREHOUSE, "shop.mart.revenue", name, [lineage.Transformation("DIRECT", "IDENTITY")])])
        for name in ("customer_id", "revenue")}
facets = {
    "schema": schema.SchemaDatasetFacet([schema.SchemaDatasetFacetFields("customer_id", "integer"), schema.SchemaDatasetFacetFields("revenue", "double")]),
    "version": version.DatasetVersionDatasetFacet(md5),
    "columnLineage": lineage.ColumnLineageDatasetFacet(same),
}
ran("0193f2a0-0000-7000-8000-000000000002", "export_revenue", "2026-11-21T08:40:00Z", "2026-11-21T08:40:03Z",
    [InputDataset(WAREHOUSE, "shop.mart.revenue")], [OutputDataset(BUCKET, "features/revenue.csv", facets=facets)])
