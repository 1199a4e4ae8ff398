"""Functions that mean something for lineage beyond computing a value."""

from __future__ import annotations

from typing import Final

from sqlglot import exp


def _classes(*names: str) -> tuple[type[exp.Expr], ...]:
    """The parser's classes of these names; a version that lacks one leaves it to the table of names."""
    return tuple(getattr(exp, name) for name in names if hasattr(exp, name))


RANKINGS: Final = _classes("RowNumber", "Rank", "DenseRank", "PercentRank", "CumeDist", "Ntile")
"""Window functions whose value comes from the order alone: their arguments are no sources."""

PICKERS: Final = _classes("PercentileCont", "PercentileDisc", "Mode", "Quantile", "ApproxQuantile", "Median")
"""Aggregates that take their value from WITHIN GROUP (ORDER BY ...)."""

MASKS: Final = _classes(
    "MD5", "MD5Digest", "MD5NumberLower64", "MD5NumberUpper64", "SHA", "SHA1Digest", "SHA2", "SHA2Digest",
    "FarmFingerprint", "StandardHash", "CityHash64", "Crc32", "MurmurHash3", "XxHash64",
)  # fmt: skip
"""Functions that hide their argument: hashes and masks."""

_MASK_NAMES: Final = frozenset(
    """crc32 md5 sha sha1 sha2 sha224 sha256 sha384 sha512 hash hex_md5 murmur3 murmur3_32 murmurhash3 xxhash64 xxhash32
    xxhash3 siphash64 hashbytes checksum binary_checksum digest hmac crypt mask mask_hash mask_first_n mask_last_n
    mask_show_first_n mask_show_last_n hive_hash farm_fingerprint ora_hash hashrow hashbucket sha1_hex sha2_hex
    md5_hex""".split()
)

AGGREGATES: Final = frozenset(
    """json_agg jsonb_agg json_object_agg jsonb_object_agg xmlagg string_agg listagg group_concat array_agg collect
    object_agg every bool_and bool_or regr_slope regr_intercept mode any_value approx_percentile histogram
    checksum_agg first last list bit_xor kurtosis product entropy wm_concat uniq uniqexact uniqcombined topk
    grouparray sumif avgif countif maxif minif anyif argmax argmin""".split()
)
"""Aggregates that the parser knows by name only."""


MODELS: Final = _classes(
    "Predict", "GenerateEmbedding", "GenerateText", "GenerateTable", "GenerateBool", "GenerateInt", "GenerateDouble",
    "MLForecast", "MLTranslate",
)  # fmt: skip
"""BigQuery's functions of a model, their first argument, and of rows, whose columns they pass on beside their own."""

NAMING: Final = frozenset({"descriptor", "getnextval", "containstable", "freetexttable", "openquery"})
"""Functions whose arguments are names of things, not columns."""


def is_masking(name: str) -> bool:
    """Whether a function of this lower-case name hides its argument."""
    return name in _MASK_NAMES or name.startswith("mask_")
