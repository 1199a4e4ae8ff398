"""Text that breaks a limit costs itself and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from catalog.sql import Session, digest
from catalog.sql.child import HEADER_BYTES, answer_from, framed
from catalog.sql.workers import Guard, SessionTexts, Settings, analyze_sessions, chunks

SCRIPT = ("create temp table q as select a from s.t", "insert into s.u (x) select a from q")
SLOW = "select " + " + ".join(f"c{i}" for i in range(60_000)) + " from t"


ROOT = str(Path(__file__).parents[2])


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    with Guard(Settings("postgres", seconds=0.4, megabytes=600)) as made:
        yield made


def test_a_session_in_a_child_is_a_session(guard: Guard) -> None:
    here = Session("postgres")
    assert guard.run(SCRIPT) == [here.analyze(text) for text in SCRIPT]


def test_a_text_that_takes_too_long_is_named_by_its_digest_and_the_session_goes_on(guard: Guard) -> None:
    first, stopped, last = guard.run((SCRIPT[0], SLOW, SCRIPT[1]))
    assert [p.code for p in stopped.problems] == ["limit"]
    assert digest(SLOW) in stopped.problems[0].message
    assert not first.problems
    assert [flow.source.table for flow in last.flows] == [("s", "t")]  # the temporary table is still known


def test_a_text_that_takes_too_much_memory_ends_its_child_only() -> None:
    with Guard(Settings("postgres", seconds=60, megabytes=40)) as small:
        stopped, fine = small.run((SLOW, SCRIPT[1]))
    assert [p.code for p in stopped.problems] == ["limit"]
    assert fine.flows


def test_what_came_before_is_heard_again_only_if_the_session_depends_on_it() -> None:
    with Guard(Settings("postgres", texts_per_child=2)) as short:
        results = short.run((*SCRIPT, *["select 1"] * 6, "select a from q"))
    assert [flow.source.table for flow in results[-1].flows] == [("s", "t")]


def test_a_caller_without_a_main_guard_is_not_run_again(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "from catalog.sql.workers import Guard, Settings\n"
        "print('once')\n"
        "print(len(Guard(Settings('postgres')).run(['select a from t'])[0].flows))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, program], capture_output=True, text=True, check=True, env={"PYTHONPATH": ROOT}
    )
    assert done.stdout == "once\n1\n"
    assert not done.stderr


def test_an_answer_of_the_child_holds_nothing_but_answers() -> None:
    for value in (print, Path("x"), "text", [Session("postgres").analyze("select 1")]):
        with pytest.raises(OSError, match="no answer"):
            answer_from(framed(value)[HEADER_BYTES:])


def test_temporary_tables_of_two_sessions_do_not_meet(guard: Guard) -> None:
    guard.run(SCRIPT)
    (answer,) = guard.run(SCRIPT[1:])
    assert [flow.source.table for flow in answer.flows] == [("q",)]


def test_chunks_keep_sessions_whole_and_in_order() -> None:
    sessions = [SessionTexts(str(n), ("x" * 100,)) for n in range(10)]
    cut = list(chunks(sessions, characters=250))
    assert [len(chunk) for chunk in cut] == [3, 3, 3, 1]
    assert [session for chunk in cut for session in chunk] == sessions


def _answers(executor: ThreadPoolExecutor | ProcessPoolExecutor | None) -> list[tuple[str, int]]:
    sessions = [SessionTexts(str(n), SCRIPT) for n in range(6)]
    answers = analyze_sessions(sessions, Settings("postgres"), executor, characters=100)
    return [(answer.key, sum(len(result.flows) for result in answer.results)) for answer in answers]


def test_any_executor_gives_the_same_answers_in_order() -> None:
    wanted = [(str(n), 2) for n in range(6)]
    assert _answers(None) == wanted
    with ThreadPoolExecutor(2) as threads:
        assert _answers(threads) == wanted
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        assert _answers(processes) == wanted
