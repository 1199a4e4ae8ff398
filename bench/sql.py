"""Speed of the SQL engine: statements a second by corpus, time by stage, the slowest ten, side by side with others.

    python -m bench.sql --fixtures sqlglot-30.30.0/tests/fixtures/optimizer --peers \\
        --engine compiled=headwater@/venv/with/sqlglotc/bin/python --engine datahub@/venv/with/datahub/bin/python

Every engine runs in a process of its own and takes its turn in each round, so that a busy machine slows all of them alike. What
counts is the ratio to `headwater`: the median over the rounds, of processor time. Corpora: TPC-DS and TPC-H of sqlglot's
source archive (`--fixtures`), TPC-DS as the package sqllineage ships it, and the models of dbt projects (`--dbt`, and
those of `examples/`).
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.sql_corpora import Corpus, corpora
from bench.sql_engines import ENGINES, Took
from catalog.sql import Schema, Session

STAGES = ("headwater", "headwater-repeated", "tokens", "tree")
PEERS = ("sqlglot", "sqllineage")
REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass
class Runner:
    """An engine in a process of its own: `[NAME=]ENGINE[@PYTHON]`."""

    name: str
    process: subprocess.Popen[str]
    took: list[Took] = field(default_factory=list)

    @classmethod
    def start(cls, spelled: str) -> Runner:
        name, _, rest = spelled.rpartition("=")
        engine, _, python = rest.partition("@")
        if engine not in ENGINES:
            raise SystemExit(f"--engine {spelled}: {engine!r} is none of {', '.join(ENGINES)}.")
        command = [python or sys.executable, "-m", "bench.sql_engines", engine]
        environment = os.environ | {"PYTHONPATH": str(REPOSITORY), "PYTHONHASHSEED": "0"}
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
            cwd=REPOSITORY,
        )
        return cls(name or engine, process)

    def run(self, corpus: Corpus) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(corpus.to_json()) + "\n")
        self.process.stdin.flush()
        self.took.append(Took(**json.loads(self.process.stdout.readline())))

    def per_text(self) -> list[float]:
        """Processor seconds for one text, round by round."""
        return [took.processor / took.texts for took in self.took]


def compare(corpus: Corpus, engines: Sequence[str], rounds: int) -> list[Runner]:
    """Runs the engines in turns over a corpus."""
    runners = [Runner.start(spelled) for spelled in engines]
    try:
        for _ in range(rounds):
            for runner in runners:
                runner.run(corpus)
    finally:
        for runner in runners:
            runner.process.kill()
            runner.process.wait()
    return runners


def slowest(corpus: Corpus) -> list[tuple[float, str]]:
    """Returns the ten statements that take longest, in processor seconds."""
    schema = Schema(corpus.columns, corpus.dialect)
    taken = []
    for text in corpus.texts:
        start = time.process_time()
        Session(corpus.dialect, schema).analyze(text)
        taken.append((time.process_time() - start, " ".join(text.split())[:60]))
    return sorted(taken, reverse=True)[:10]


def report(corpus: Corpus, runners: Sequence[Runner]) -> None:
    ours = runners[0].per_text()
    for runner in runners:
        ratios = [theirs / own for theirs, own in zip(runner.per_text(), ours, strict=True)]
        clock = statistics.median(took.seconds / took.texts for took in runner.took)
        processor = statistics.median(runner.per_text())
        print(
            f"  {runner.name:22} {1 / clock:9.1f}/s by the clock {processor * 1000:9.3f} ms of processor"
            f"  {statistics.median(ratios):8.2f} times ours ({min(ratios):.2f} to {max(ratios):.2f})"
            f"  {runner.took[0].failed} of {runner.took[0].texts} failed"
        )


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--statements", type=int, default=1_000, help="Of each corpus.")
    parser.add_argument("--peers", action="store_true", help="Run sqllineage and sqlglot's lineage as well: slow.")
    parser.add_argument("--engine", action="append", default=[], help="[NAME=]ENGINE[@PYTHON]; may be repeated.")
    parser.add_argument("--fixtures", type=Path, help="sqlglot's tests/fixtures/optimizer.")
    parser.add_argument("--dbt", type=Path, action="append", default=[], help="Folder with a manifest.json.")
    parser.add_argument("--no-slowest", action="store_true", help="Leave out the slowest ten.")
    options = parser.parse_args(arguments)
    folders = [options.fixtures / name for name in ("tpc-ds", "tpc-h")] if options.fixtures else []
    engines = [*STAGES, *(PEERS if options.peers else ()), *options.engine]
    for corpus in corpora(options.statements, folders, [REPOSITORY / "examples", *options.dbt]):
        size = sum(map(len, corpus.texts)) / len(corpus.texts)
        print(f"\n{corpus.name}: {len(corpus.texts)} statements of {size:.0f} characters, {corpus.dialect}", flush=True)
        report(corpus, compare(corpus, engines, options.rounds))
        for taken, text in () if options.no_slowest else slowest(corpus):
            print(f"    {taken * 1000:8.2f} ms  {text}")


if __name__ == "__main__":
    main()
