"""Feature definitions as they stood when the model was trained."""

from datetime import timedelta

from feast import Entity, FeatureService, FeatureView, Field, FileSource, ValueType
from feast.on_demand_feature_view import on_demand_feature_view
from feast.types import Float64, Int64

subscriber = Entity(name="subscriber", join_keys=["subscriber_id"], value_type=ValueType.INT64)
usage_source = FileSource(name="usage", path="s3://telco/data/usage.parquet", timestamp_field="event_timestamp")
bills_source = FileSource(name="bills", path="s3://telco/data/bills.parquet", timestamp_field="event_timestamp")
KEY = Field(name="subscriber_id", dtype=Int64)

usage = FeatureView(
    name="usage",
    entities=[subscriber],
    ttl=timedelta(days=30),
    source=usage_source,
    owner="network@telco.example",
    schema=[KEY, Field(name="minutes_7d", dtype=Float64), Field(name="dropped_calls", dtype=Int64)],
)
bills = FeatureView(
    name="bills",
    entities=[subscriber],
    ttl=timedelta(days=90),
    source=bills_source,
    owner="billing@telco.example",
    schema=[KEY, Field(name="overdue", dtype=Int64), Field(name="monthly_fee", dtype=Float64)],
)


@on_demand_feature_view(sources=[usage], schema=[Field(name="drop_rate", dtype=Float64)])
def drop_rate(inputs):
    import pandas as pd

    out = pd.DataFrame()
    out["drop_rate"] = inputs["dropped_calls"] / inputs["minutes_7d"]
    return out


churn_v1 = FeatureService(name="churn_v1", features=[usage, bills[["overdue"]], drop_rate])
loyalty_v1 = FeatureService(name="loyalty_v1", features=[bills[["monthly_fee"]]])
