"""Feast's registry as it lies on disk: a protobuf message, read into the same values as its JSON form.

Only the fields named here are read. The code of transformations is kept as its text; its pickled form is passed over.
Source: `feast/protos` of Feast 0.67; field numbers are never used again by later versions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ingestors.documents import clean

Field = tuple[str, str]
"""Name in the JSON form, and how its content is read; a `*` in front means that there may be several."""

_SPEC: Final[dict[int, Field]] = {1: ("name", "text"), 2: ("project", "text")}
_META: Final[dict[int, Field]] = {1: ("createdTimestamp", "time"), 2: ("lastUpdatedTimestamp", "time")}
_VIEW: Final[dict[int, Field]] = {
    **_SPEC, 3: ("entities", "*text"), 4: ("features", "*Column"), 5: ("tags", "*pair"), 6: ("ttl", "span"),
    7: ("batchSource", "DataSource"), 8: ("online", "flag"), 9: ("streamSource", "DataSource"), 10: ("description", "text"),
    11: ("owner", "text"), 12: ("entityColumns", "*Column"), 14: ("sourceViews", "*ViewSpec"),
    15: ("featureTransformation", "Transformation"),
}  # fmt: skip
_TABLE: Final[dict[int, Field]] = {
    1: ("table", "text"),
    2: ("query", "text"),
    3: ("schema", "text"),
    4: ("database", "text"),
}
MESSAGES: Final[dict[str, dict[int, Field]]] = {
    "Registry": {
        1: ("entities", "*Entity"), 5: ("lastUpdated", "time"), 6: ("featureViews", "*View"), 7: ("featureServices", "*Service"),
        8: ("onDemandFeatureViews", "*OnDemandView"), 12: ("dataSources", "*DataSource"), 14: ("streamFeatureViews", "*StreamView"),
        17: ("projects", "*Project"), 19: ("labelViews", "*LabelView"),
    },
    "Meta": _META,
    "SourceMeta": {3: ("createdTimestamp", "time"), 4: ("lastUpdatedTimestamp", "time")},
    "Entity": {1: ("spec", "EntitySpec"), 2: ("meta", "Meta")},
    "EntitySpec": {1: ("name", "text"), 9: ("project", "text"), 2: ("valueType", "type"), 3: ("description", "text"), 4: ("joinKey", "text")},
    "View": {1: ("spec", "ViewSpec"), 2: ("meta", "Meta")},
    "ViewSpec": _VIEW,
    "StreamView": {1: ("spec", "StreamViewSpec"), 2: ("meta", "Meta")},
    "StreamViewSpec": {
        **_SPEC, 3: ("entities", "*text"), 4: ("features", "*Column"), 5: ("entityColumns", "*Column"), 6: ("description", "text"),
        7: ("tags", "*pair"), 8: ("owner", "text"), 9: ("ttl", "span"), 10: ("batchSource", "DataSource"),
        11: ("streamSource", "DataSource"), 12: ("online", "flag"), 13: ("userDefinedFunction", "Function"),
        17: ("featureTransformation", "Transformation"),
    },
    "LabelView": {1: ("spec", "LabelViewSpec"), 2: ("meta", "Meta")},
    "LabelViewSpec": {
        **_SPEC, 3: ("entities", "*text"), 4: ("features", "*Column"), 5: ("tags", "*pair"), 6: ("ttl", "span"),
        7: ("batchSource", "DataSource"), 8: ("online", "flag"), 9: ("description", "text"), 10: ("owner", "text"),
    },
    "OnDemandView": {1: ("spec", "OnDemandSpec"), 2: ("meta", "Meta")},
    "OnDemandSpec": {
        **_SPEC, 3: ("features", "*Column"), 4: ("sources", "*entry:OnDemandSource"), 5: ("userDefinedFunction", "Function"),
        6: ("description", "text"), 7: ("tags", "*pair"), 8: ("owner", "text"), 10: ("featureTransformation", "Transformation"),
        13: ("entities", "*text"), 14: ("entityColumns", "*Column"),
    },
    "OnDemandSource": {
        1: ("featureView", "View"), 2: ("requestDataSource", "DataSource"), 3: ("featureViewProjection", "Projection"),
    },
    "Transformation": {1: ("userDefinedFunction", "Function")},
    "Function": {1: ("name", "text"), 3: ("bodyText", "text"), 4: ("mode", "text")},
    "Service": {1: ("spec", "ServiceSpec"), 2: ("meta", "Meta")},
    "ServiceSpec": {**_SPEC, 3: ("features", "*Projection"), 4: ("tags", "*pair"), 5: ("description", "text"), 6: ("owner", "text")},
    "Projection": {
        1: ("featureViewName", "text"), 2: ("featureColumns", "*Column"), 3: ("featureViewNameAlias", "text"),
        8: ("batchSource", "DataSource"),
    },
    "Column": {1: ("name", "text"), 2: ("valueType", "type"), 3: ("tags", "*pair"), 4: ("description", "text")},
    "DataSource": {
        1: ("type", "source"), 2: ("fieldMapping", "*pair"), 3: ("timestampField", "text"), 11: ("fileOptions", "File"),
        12: ("bigqueryOptions", "Table"), 13: ("kafkaOptions", "Kafka"), 14: ("kinesisOptions", "Kinesis"),
        15: ("redshiftOptions", "Table"), 18: ("requestDataOptions", "Request"), 19: ("snowflakeOptions", "Table"),
        20: ("name", "text"), 21: ("project", "text"), 23: ("description", "text"), 24: ("tags", "*pair"), 25: ("owner", "text"),
        26: ("batchSource", "DataSource"), 27: ("sparkOptions", "Spark"), 30: ("trinoOptions", "Table"),
        35: ("athenaOptions", "Athena"), 50: ("meta", "SourceMeta"),
    },
    "File": {2: ("uri", "text")},
    "Table": _TABLE,
    "Spark": {1: ("table", "text"), 2: ("query", "text"), 3: ("path", "text")},
    "Athena": {1: ("table", "text"), 2: ("query", "text"), 3: ("database", "text"), 4: ("dataSource", "text")},
    "Kafka": {1: ("kafkaBootstrapServers", "text"), 2: ("topic", "text")},
    "Kinesis": {1: ("region", "text"), 2: ("streamName", "text")},
    "Request": {3: ("schema", "*Column")},
    "Project": {1: ("spec", "ProjectSpec"), 2: ("meta", "Meta")},
    "ProjectSpec": {1: ("name", "text"), 2: ("description", "text"), 3: ("tags", "*pair"), 4: ("owner", "text")},
}  # fmt: skip
_VALUE_TYPES: Final = {
    **dict(enumerate("INVALID BYTES STRING INT32 INT64 DOUBLE FLOAT BOOL UNIX_TIMESTAMP".split())),
    **dict(
        enumerate(
            "BYTES_LIST STRING_LIST INT32_LIST INT64_LIST DOUBLE_LIST FLOAT_LIST BOOL_LIST UNIX_TIMESTAMP_LIST NULL MAP MAP_LIST"
            " BYTES_SET STRING_SET INT32_SET INT64_SET DOUBLE_SET FLOAT_SET BOOL_SET UNIX_TIMESTAMP_SET".split(),
            11,
        )
    ),
    **dict(
        enumerate(
            "JSON JSON_LIST STRUCT STRUCT_LIST UUID TIME_UUID UUID_LIST TIME_UUID_LIST UUID_SET TIME_UUID_SET VALUE_LIST"
            " VALUE_SET DECIMAL DECIMAL_LIST DECIMAL_SET SCALAR_MAP ZONED_TIMESTAMP".split(),
            32,
        )
    ),
}
_SOURCE_TYPES: Final = dict(
    enumerate(
        "INVALID BATCH_FILE BATCH_BIGQUERY STREAM_KAFKA STREAM_KINESIS BATCH_REDSHIFT CUSTOM_SOURCE REQUEST_SOURCE BATCH_SNOWFLAKE"
        " PUSH_SOURCE BATCH_TRINO BATCH_SPARK BATCH_ATHENA BATCH_ICEBERG".split()
    )
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def decode(data: bytes, depth: int, message: str = "Registry") -> dict[str, Any]:
    """Returns a message in its JSON form; fields that are not named here are left out.

    Raises:
        ValueError: it is no such message, or is nested deeper than `depth`.
    """
    if depth <= 0:
        raise ValueError("it is nested too deep")
    found: dict[str, Any] = {}
    for number, value in _fields(data):
        name, kind = MESSAGES[message].get(number, ("", ""))
        if not name:
            continue
        several = kind.startswith("*")
        read = _read(kind.removeprefix("*"), value, depth)
        if isinstance(read, _Pair):
            found.setdefault(name, {})[read.key] = read.value
        elif several:
            found.setdefault(name, []).append(read)
        else:
            found[name] = read
    return found


class _Pair:
    def __init__(self, key: str, value: Any) -> None:
        self.key, self.value = key, value


def _read(kind: str, value: int | bytes, depth: int) -> Any:
    if kind in ("flag", "type", "source"):
        if not isinstance(value, int):
            raise ValueError("a number is expected")
        return (
            bool(value)
            if kind == "flag"
            else (_VALUE_TYPES if kind == "type" else _SOURCE_TYPES).get(value, str(value))
        )
    if isinstance(value, int):
        raise ValueError("a text or message is expected")
    if kind == "text":
        return clean(value.decode("utf-8", "replace"))
    if kind in ("time", "span"):
        return _time(value) if kind == "time" else _span(value)
    if kind == "pair" or kind.startswith("entry:"):
        return _pair(value, kind.partition(":")[2], depth)
    return decode(value, depth - 1, kind)


def _pair(value: bytes, message: str, depth: int) -> _Pair:
    fields = {number: part for number, part in _fields(value) if isinstance(part, bytes)}
    key, content = (fields.get(number, b"") for number in (1, 2))
    read = decode(content, depth - 1, message) if message else clean(content.decode("utf-8", "replace"))
    return _Pair(clean(key.decode("utf-8", "replace")), read)


def _parts(value: bytes) -> tuple[int, int]:
    fields = {number: part for number, part in _fields(value) if isinstance(part, int)}
    seconds = fields.get(1, 0)
    return (seconds - (1 << 64) if seconds >= 1 << 63 else seconds), fields.get(2, 0)


def _time(value: bytes) -> str | None:
    seconds, nanos = _parts(value)
    try:
        moment = _EPOCH + timedelta(seconds=seconds, microseconds=min(nanos, 999_999_999) // 1000)
    except OverflowError:
        return None
    return moment.isoformat().replace("+00:00", "Z")


def _span(value: bytes) -> str:
    seconds, nanos = _parts(value)
    return f"{seconds}s" if not nanos else f"{seconds}.{nanos:09d}".rstrip("0") + "s"


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == 2:
            size, at = _varint(data, at)
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
        else:
            raise ValueError(f"a field has the wire type {wire}")
        if number == 0 or at + size > len(data):
            raise ValueError("a field is cut")
        if wire == 2:
            yield number, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while at < len(data) and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            return value & (1 << 64) - 1, at
    raise ValueError("a number is cut")
