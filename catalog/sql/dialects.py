"""What differs between dialects beyond the case of names, as data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final


@dataclass(frozen=True, slots=True)
class Traits:
    """How a dialect resolves names.

    Attributes:
        lateral_aliases: An output may name an earlier output of the same SELECT, and so may WHERE.
        aliases_first: An alias hides a column of the same name.
        struct_paths: `a.b` may be the field b of the column a.
        two_levels: Tables are named `database.table`; there is no schema between.
        transactional_ddl: ROLLBACK takes back CREATE, DROP and ALTER.
        search_path: SET search_path says where bare names are looked for.
    """

    lateral_aliases: bool = False
    aliases_first: bool = False
    struct_paths: bool = False
    two_levels: bool = False
    transactional_ddl: bool = False
    search_path: bool = False


_PLAIN: Final = Traits()
_SPARK: Final = Traits(lateral_aliases=True, struct_paths=True, two_levels=True)
_POSTGRES: Final = Traits(transactional_ddl=True, search_path=True)

TRAITS: Final[dict[str, Traits]] = {
    "": Traits(struct_paths=True, lateral_aliases=True),
    "postgres": _POSTGRES,
    "redshift": replace(_POSTGRES, lateral_aliases=True),
    "snowflake": Traits(lateral_aliases=True),
    "databricks": Traits(lateral_aliases=True, struct_paths=True),
    "spark": _SPARK,
    "spark2": _SPARK,
    "hive": Traits(struct_paths=True, two_levels=True),
    "bigquery": Traits(struct_paths=True),
    "duckdb": Traits(lateral_aliases=True, struct_paths=True, transactional_ddl=True, search_path=True),
    "clickhouse": Traits(lateral_aliases=True, aliases_first=True, struct_paths=True, two_levels=True),
    "teradata": Traits(lateral_aliases=True, two_levels=True),
    "mysql": Traits(two_levels=True),
    "trino": Traits(struct_paths=True),
    "presto": Traits(struct_paths=True),
    "athena": Traits(struct_paths=True),
    "tsql": Traits(transactional_ddl=True),
    "sqlite": Traits(transactional_ddl=True),
    "exasol": Traits(lateral_aliases=True),
}


def traits(dialect: str | None) -> Traits:
    return TRAITS.get(dialect or "", _PLAIN)
