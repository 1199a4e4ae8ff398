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
        nested_arrays: `FROM t, t.items`: the second is an array in a column of the first.
        whole_rows: A table's alias in place of a column is its whole row.
        pseudo: Keys of names that have a value on this platform where no table is known to have such a column.
        merged_first: `SELECT *` begins with the columns that USING or NATURAL made one.
        implicit_from: A table that only qualifies a name is in FROM all the same.
        implicit_lateral: A subquery in FROM sees the items before it.
        two_levels: Tables are named `database.table`; there is no schema between.
        transactional_ddl: ROLLBACK takes back CREATE, DROP and ALTER.
        search_path: SET search_path says where bare names are looked for.
        date_shards: Tables `x_20240131` and the wildcard `x_*` are one family, `x_yyyymmdd`.
    """

    lateral_aliases: bool = False
    aliases_first: bool = False
    struct_paths: bool = False
    nested_arrays: bool = False
    whole_rows: bool = False
    pseudo: frozenset[str] = frozenset()
    merged_first: bool = True
    implicit_from: bool = False
    implicit_lateral: bool = False
    two_levels: bool = False
    transactional_ddl: bool = False
    search_path: bool = False
    date_shards: bool = False


_PLAIN: Final = Traits()
_HIERARCHY: Final = "level connect_by_root connect_by_isleaf connect_by_iscycle"
_HIVE_PSEUDO: Final = frozenset("grouping__id input__file__name block__offset__inside__file".split())

_HIVE: Final = Traits(struct_paths=True, two_levels=True, pseudo=_HIVE_PSEUDO)
_SPARK: Final = replace(_HIVE, lateral_aliases=True)
_POSTGRES: Final = Traits(transactional_ddl=True, search_path=True, whole_rows=True)

TRAITS: Final[dict[str, Traits]] = {
    "": Traits(struct_paths=True, nested_arrays=True, lateral_aliases=True),
    "postgres": _POSTGRES,
    "redshift": replace(_POSTGRES, lateral_aliases=True, struct_paths=True, nested_arrays=True),
    "snowflake": Traits(lateral_aliases=True, pseudo=frozenset(_HIERARCHY.upper().split())),
    "oracle": Traits(pseudo=frozenset(f"{_HIERARCHY} rownum rowid ora_rowscn user uid".upper().split())),
    "databricks": Traits(lateral_aliases=True, struct_paths=True, pseudo=_HIVE_PSEUDO),
    "spark": _SPARK,
    "spark2": _SPARK,
    "hive": _HIVE,
    "bigquery": Traits(date_shards=True, struct_paths=True, nested_arrays=True, whole_rows=True),
    "duckdb": Traits(
        lateral_aliases=True,
        struct_paths=True,
        transactional_ddl=True,
        search_path=True,
        whole_rows=True,
        implicit_lateral=True,
        merged_first=False,
    ),
    "clickhouse": Traits(
        lateral_aliases=True, aliases_first=True, struct_paths=True, two_levels=True, merged_first=False
    ),
    "teradata": Traits(lateral_aliases=True, two_levels=True, implicit_from=True),
    "mysql": Traits(two_levels=True),
    "trino": Traits(struct_paths=True),
    "presto": Traits(struct_paths=True),
    "athena": Traits(struct_paths=True),
    "tsql": Traits(transactional_ddl=True),
    "sqlite": Traits(transactional_ddl=True, merged_first=False),
    "exasol": Traits(lateral_aliases=True),
}


def traits(dialect: str | None) -> Traits:
    return TRAITS.get(dialect or "", _PLAIN)
