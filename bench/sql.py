"""Speed of the SQL engine: statements a second by corpus, time by stage, the slowest ten, side by side with others.

    python -m bench.sql [--rounds 3] [--statements 40] [--peers]

Engines take turns within each round, so that a busy machine slows all of them alike; the figure is the median of rounds.
Corpora: TPC-DS as the sqllineage package ships it, TPC-H as DuckDB's extension does where that is installed, and the
models of the dbt projects under `examples/`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
from sqlglot.dialects.dialect import Dialect
from sqlglot.tokens import SQLGLOTC_INSTALLED

from catalog.sql import Cache, Schema, Session

Engine = Callable[["Corpus"], int]
"""Analyses a corpus; returns how many statements it gave up."""


@dataclass(frozen=True)
class Corpus:
    name: str
    dialect: str
    texts: tuple[str, ...]
    columns: dict[tuple[str, ...], list[str]]


# ---------------------------------------------------------------- corpora


def corpora(limit: int) -> Iterator[Corpus]:
    for corpus in (_tpc_ds(), _tpc_h(), *_dbt_projects()):
        if corpus.texts:
            yield Corpus(corpus.name, corpus.dialect, corpus.texts[:limit], corpus.columns)


def _tpc_ds() -> Corpus:
    found = importlib.util.find_spec("sqllineage")
    folder = Path(found.origin).parent / "data" / "tpcds" if found and found.origin else Path("absent")
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.sql"))]
    return Corpus("tpc-ds", "spark", tuple(texts), {})


def _tpc_h() -> Corpus:
    try:
        with duckdb.connect(":memory:") as connection:
            rows = connection.execute("load tpch; select query from tpch_queries()").fetchall()
    except duckdb.Error:
        return Corpus("tpc-h", "duckdb", (), {})
    return Corpus("tpc-h", "duckdb", tuple(row[0] for row in rows), {})


def _dbt_projects() -> Iterator[Corpus]:
    for path in sorted(Path("examples").rglob("manifest.json")):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        nodes = [
            node for node in manifest["nodes"].values() if node.get("compiled_code") and node.get("language") == "sql"
        ]
        catalog = path.with_name("catalog.json")
        adapter = manifest["metadata"].get("adapter_type") or "duckdb"
        texts = tuple(node["compiled_code"] for node in nodes)
        yield Corpus(f"dbt {path.parent.name}", adapter, texts, _columns(catalog) if catalog.exists() else {})


def _columns(path: Path) -> dict[tuple[str, ...], list[str]]:
    catalog = json.loads(path.read_text(encoding="utf-8"))
    entries = [*catalog["nodes"].values(), *catalog["sources"].values()]
    return {
        (entry["metadata"]["database"] or "", entry["metadata"]["schema"], entry["metadata"]["name"]): list(
            entry["columns"]
        )
        for entry in entries
    }


# ---------------------------------------------------------------- engines


def _ours(corpus: Corpus) -> int:
    schema = Schema(corpus.columns, corpus.dialect)
    failed = 0
    for text in corpus.texts:
        answer = Session(corpus.dialect, schema).analyze(text)
        failed += any(problem.code == "unparsed" for problem in answer.problems)
    return failed


def _ours_repeated(corpus: Corpus) -> int:
    """Each statement ten times, as in a log."""
    schema, cache = Schema(corpus.columns, corpus.dialect), Cache()
    for _ in range(10):
        for text in corpus.texts:
            Session(corpus.dialect, schema, cache=cache).analyze(text)
    return 0


def _parse_only(corpus: Corpus) -> int:
    dialect = Dialect.get_or_raise(corpus.dialect)
    for text in corpus.texts:
        dialect.parser().parse(dialect.tokenize(text), text)
    return 0


def _tokenize_only(corpus: Corpus) -> int:
    dialect = Dialect.get_or_raise(corpus.dialect)
    for text in corpus.texts:
        dialect.tokenize(text)
    return 0


def _sqlglot_lineage(corpus: Corpus) -> int:
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage

    schema = _nested(corpus.columns)
    failed = 0
    for text in corpus.texts:
        try:
            tree = parse_one(text, dialect=corpus.dialect)
            query = tree if isinstance(tree, exp.Query) else tree.expression
            lineage(None, query, schema=schema, dialect=corpus.dialect)
        except Exception:
            failed += 1
    return failed


def _nested(columns: dict[tuple[str, ...], list[str]]) -> dict[str, object]:
    schema: dict[str, object] = {}
    for (database, db_schema, table), names in columns.items():
        level: dict[str, object] = schema
        for part in (database, db_schema):
            level = level.setdefault(part, {})  # type: ignore[assignment]
        level[table] = dict.fromkeys(names, "unknown")
    return schema


def _sqllineage(corpus: Corpus) -> int:
    from sqllineage.runner import LineageRunner

    names = {"spark": "sparksql"}
    failed = 0
    for text in corpus.texts:
        try:
            LineageRunner(text, dialect=names.get(corpus.dialect, corpus.dialect)).get_column_lineage()
        except Exception:
            failed += 1
    return failed


ENGINES: dict[str, Engine] = {
    "headwater": _ours,
    "headwater, each 10 times, cached": _ours_repeated,
    "sqlglot: tokens only": _tokenize_only,
    "sqlglot: tokens and tree": _parse_only,
}
PEERS: dict[str, Engine] = {"sqlglot lineage, all columns": _sqlglot_lineage, "sqllineage": _sqllineage}


# ---------------------------------------------------------------- measuring


def measure(corpus: Corpus, engines: dict[str, Engine], rounds: int) -> dict[str, tuple[float, int]]:
    """Returns the median seconds for the corpus, and the failures, by engine."""
    seconds: dict[str, list[float]] = {name: [] for name in engines}
    failures: dict[str, int] = {}
    for _ in range(rounds):
        for name, engine in engines.items():
            start = time.perf_counter()
            failures[name] = engine(corpus)
            seconds[name].append(time.perf_counter() - start)
    return {name: (statistics.median(taken), failures[name]) for name, taken in seconds.items()}


def slowest(corpus: Corpus) -> list[tuple[float, str]]:
    """Returns the ten statements that take longest, in seconds."""
    schema = Schema(corpus.columns, corpus.dialect)
    taken = []
    for text in corpus.texts:
        start = time.perf_counter()
        Session(corpus.dialect, schema).analyze(text)
        taken.append((time.perf_counter() - start, " ".join(text.split())[:60]))
    return sorted(taken, reverse=True)[:10]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--statements", type=int, default=1_000)
    parser.add_argument("--peers", action="store_true", help="Run sqllineage and sqlglot's lineage as well: slow.")
    options = parser.parse_args(arguments)
    print(f"sqlglot is {'compiled' if SQLGLOTC_INSTALLED else 'pure Python'}")
    for corpus in corpora(options.statements):
        size = sum(map(len, corpus.texts)) / len(corpus.texts)
        print(f"\n{corpus.name}: {len(corpus.texts)} statements of {size:.0f} characters, {corpus.dialect}")
        for name, (seconds, failed) in measure(
            corpus, ENGINES | (PEERS if options.peers else {}), options.rounds
        ).items():
            count = len(corpus.texts) * (10 if "10 times" in name else 1)
            print(
                f"  {name:34} {count / seconds:9.1f} statements/s {seconds / count * 1000:8.3f} ms each {failed:3} failed"
            )
        print("  slowest:")
        for taken, text in slowest(corpus):
            print(f"    {taken * 1000:8.2f} ms  {text}")


if __name__ == "__main__":
    main()
