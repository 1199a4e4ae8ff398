"""Engines that find lineage in SQL, each in whatever Python it is installed in.

    python -m bench.sql_engines ENGINE

answers a line of JSON with a corpus by one with the seconds that it took. An engine is made ready for a corpus, outside of
the measured time, and then asked statement by statement; it says whether it gave an answer.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bench.sql_corpora import Corpus

Analyse = Callable[[str], bool]


@dataclass(frozen=True)
class Took:
    """What one round over a corpus cost: seconds of the clock and of the processor, for so many texts."""

    seconds: float
    processor: float
    texts: int
    failed: int


def measure(engine: str, corpus: Corpus) -> Took:
    analyse = ENGINES[engine](corpus)
    for text in corpus.texts[:2]:
        analyse(text)  # imports and tables that are made at the first use
    analyse = ENGINES[engine](corpus)
    texts = corpus.texts * (10 if engine == "headwater-repeated" else 1)
    clock, processor = time.perf_counter(), time.process_time()
    failed = sum(not analyse(text) for text in texts)
    return Took(time.perf_counter() - clock, time.process_time() - processor, len(texts), failed)


# ---------------------------------------------------------------- ours, and its parts


def _headwater(corpus: Corpus) -> Analyse:
    from catalog.sql import Schema, Session

    schema = Schema(corpus.columns, corpus.dialect)

    def analyse(text: str) -> bool:
        answer = Session(corpus.dialect, schema).analyze(text)
        return not any(problem.code == "unparsed" for problem in answer.problems)

    return analyse


def _headwater_repeated(corpus: Corpus) -> Analyse:
    """Each statement ten times, as in a log."""
    from catalog.sql import Cache, Schema, Session

    schema, cache = Schema(corpus.columns, corpus.dialect), Cache()

    def analyse(text: str) -> bool:
        answer = Session(corpus.dialect, schema, cache=cache).analyze(text)
        return not any(problem.code == "unparsed" for problem in answer.problems)

    return analyse


def _tokens(corpus: Corpus) -> Analyse:
    from sqlglot.dialects.dialect import Dialect

    dialect = Dialect.get_or_raise(corpus.dialect)
    return lambda text: bool(dialect.tokenize(text))


def _tree(corpus: Corpus) -> Analyse:
    from sqlglot.dialects.dialect import Dialect

    dialect = Dialect.get_or_raise(corpus.dialect)
    return lambda text: bool(dialect.parser().parse(dialect.tokenize(text), text))


# ---------------------------------------------------------------- others


def _sqlglot(corpus: Corpus) -> Analyse:
    """sqlglot's own lineage, all columns at once."""
    from sqlglot import exp, parse_one
    from sqlglot.lineage import lineage

    schema: dict[str, Any] = {}
    for table, names in corpus.columns.items():
        level = schema
        for part in table[:-1]:
            level = level.setdefault(part, {})
        level[table[-1]] = dict(names)

    def analyse(text: str) -> bool:
        try:
            tree = parse_one(text, dialect=corpus.dialect)
            query = tree if isinstance(tree, exp.Query) else tree.expression
            lineage(None, query, schema=schema, dialect=corpus.dialect)
        except Exception:
            return False
        return True

    return analyse


def _sqllineage(corpus: Corpus) -> Analyse:
    from sqllineage.runner import LineageRunner

    dialect = {"spark": "sparksql"}.get(corpus.dialect, corpus.dialect)

    def analyse(text: str) -> bool:
        try:
            LineageRunner(text, dialect=dialect).get_column_lineage()
        except Exception:
            return False
        return True

    return analyse


def _datahub(corpus: Corpus) -> Analyse:
    """The parser of acryl-datahub, its caches of whole statements emptied before each round."""
    from datahub.sql_parsing import (  # type: ignore[import-not-found, unused-ignore]
        schema_resolver,
        sqlglot_lineage,
        sqlglot_utils,
    )

    resolver = schema_resolver.SchemaResolver(platform=corpus.dialect)
    for table, columns in corpus.columns.items():
        # The connectors of platforms that fold to upper case hand over names in lower case.
        urn = f"urn:li:dataset:(urn:li:dataPlatform:{corpus.dialect},{'.'.join(table).lower()},PROD)"
        resolver.add_raw_schema_info(urn, {name.lower(): kind for name, kind in columns.items()})
    for module in (sqlglot_lineage, sqlglot_utils):
        for value in vars(module).values():
            if hasattr(value, "cache_clear") and hasattr(value, "cache_info"):
                value.cache_clear()

    def analyse(text: str) -> bool:
        answer = sqlglot_lineage.sqlglot_lineage(text, resolver)
        return answer.debug_info.error is None

    return analyse


ENGINES: dict[str, Callable[[Corpus], Analyse]] = {
    "headwater": _headwater,
    "headwater-repeated": _headwater_repeated,
    "tokens": _tokens,
    "tree": _tree,
    "sqlglot": _sqlglot,
    "sqllineage": _sqllineage,
    "datahub": _datahub,
}


def serve(engine: str) -> None:
    """Answers corpora from standard input until it ends."""
    for line in sys.stdin:
        print(json.dumps(asdict(measure(engine, Corpus.from_json(json.loads(line))))), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
