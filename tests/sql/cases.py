"""Reads the case files: SQL, and beneath it what the engine must say.

    -- ## INSERT puts columns in place by position
    -- dialect: postgres, snowflake
    -- given: s.src(a, b)
    insert into s.t (x, y) select a, upper(b) from s.src;
    --> s.t.x <- s.src.a identity
    --> s.t.y <- s.src.b transformation

Flows must be exactly those listed. The words after a flow are its kind, and `masked`, `star`, `guessed` or
`over_approximate` where it is not plain. Lines of kind filter, join, group_by, sort and window are influences: exactly
those listed if the case lists one or says `--> no influences`. `reads`, `writes` and `problem` (codes), and `kind`
(each statement's) are compared where given. A column that goes nowhere is named alone: the result of a query.

Names are compared without case unless the header says `case: exact`; a part that holds a dot or a blank is in double
quotes. Headers: dialect (one case for each), given, database, schema, path, case.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catalog.sql import ColumnName, Result, Table, analyze

FOLDER = Path(__file__).parent / "cases"
INFLUENCES = frozenset({"filter", "join", "group_by", "sort", "window"})
_HEADER = re.compile(r"-- (dialect|given|database|schema|path|case): *(.*)")


@dataclass(frozen=True)
class Case:
    name: str
    place: str
    dialect: str
    sql: str
    headers: Mapping[str, str]
    expected: tuple[str, ...] = field(default=())

    def __str__(self) -> str:
        return f"{self.place} [{self.dialect or 'none'}] {self.name}"

    @property
    def given(self) -> dict[str, list[str]]:
        return _given(self.headers.get("given", ""))

    @property
    def exact_case(self) -> bool:
        return self.headers.get("case") == "exact"


def read_cases() -> list[Case]:
    return [case for path in sorted(FOLDER.glob("*.sql")) for case in _read(path)]


def _read(path: Path) -> Iterator[Case]:
    blocks = re.split(r"^-- ## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    line = 1 + blocks[0].count("\n")
    for block in blocks[1:]:
        name, _, body = block.partition("\n")
        yield from _cases(name.strip(), f"{path.stem}:{line}", body.splitlines())
        line += block.count("\n")


def _cases(name: str, place: str, lines: list[str]) -> Iterator[Case]:
    headers: dict[str, str] = {}
    while lines and (found := _HEADER.fullmatch(lines[0].strip())):
        headers[found[1]] = found[2].strip()
        lines = lines[1:]
    sql = "\n".join(line for line in lines if not line.startswith("-->")).strip()
    expected = tuple(line[3:].strip() for line in lines if line.startswith("-->"))
    for dialect in headers.get("dialect", "").split(","):
        word = dialect.strip()
        yield Case(name, place, "" if word == "none" else word, sql, headers, expected)


def _given(text: str) -> dict[str, list[str]]:
    """Reads `s.src(a, b); s.other(c)`."""
    tables = (part.strip() for part in text.split(";") if part.strip())
    found = (re.fullmatch(r"(.+?)\((.*)\)", table, re.DOTALL) for table in tables)
    return {match[1].strip(): [name.strip().strip('"') for name in match[2].split(",")] for match in found if match}


def run(case: Case) -> Result:
    headers = case.headers
    return analyze(
        case.sql,
        dialect=case.dialect or None,
        columns=case.given,
        default_database=headers.get("database"),
        default_schema=headers.get("schema"),
        search_path=[part.strip() for part in headers.get("path", "").split(",") if part.strip()],
    )


# ---------------------------------------------------------------- comparing


def differences(case: Case) -> list[str]:
    """Returns what the answer has too much (+) or too little (-)."""
    result = run(case)
    wanted = [line if case.exact_case else line.lower() for line in case.expected]
    flows = {line for line in wanted if "<-" in line and not _is_influence(line)}
    influences = {line for line in wanted if _is_influence(line)}
    found = _compare(flows, _flow_lines(result), case)
    if influences or "no influences" in wanted:
        found += _compare(influences, _influence_lines(result), case)
    for word, answer in _sets(result).items():
        listed = [line.removeprefix(f"{word} ") for line in wanted if line.startswith(f"{word} ")]
        if listed:
            names = {part.strip() for line in listed for part in line.split(",") if part.strip() != "nothing"}
            found += [f"{word}: {line}" for line in _compare(names, answer, case)]
    kinds = [line.removeprefix("kind ") for line in wanted if line.startswith("kind ")]
    answer_kinds = ", ".join(statement.kind for statement in result.statements)
    if kinds and kinds != [answer_kinds]:
        found.append(f"kind: {answer_kinds}")
    return found


def _is_influence(line: str) -> bool:
    _, arrow, source = line.partition("<-")
    return bool(arrow) and bool(INFLUENCES & set(source.split()[1:]))


def _compare(wanted: set[str], answer: set[str], case: Case) -> list[str]:
    got = answer if case.exact_case else {line.lower() for line in answer}
    return [f"- {line}" for line in sorted(wanted - got)] + [f"+ {line}" for line in sorted(got - wanted)]


def _sets(result: Result) -> dict[str, set[str]]:
    return {
        "reads": {table_text(table) for table in result.reads},
        "writes": {table_text(table) for table in result.writes},
        "problem": {problem.code for problem in result.problems} or {"none"},
    }


def _flow_lines(result: Result) -> set[str]:
    lines = set()
    for flow in result.flows:
        words = [column_text(flow.target), "<-", column_text(flow.source), flow.kind]
        words += ["masked"] * flow.masking + ["star"] * flow.by_star
        words += [flow.exactness] * (flow.exactness != "exact")
        lines.add(" ".join(words))
    return lines


def _influence_lines(result: Result) -> set[str]:
    return {
        " ".join(
            (
                column_text(i.target) if isinstance(i.target, ColumnName) else table_text(i.target) or "result",
                "<-",
                column_text(i.source),
                i.kind,
            )
        )
        for i in result.influences
    }


def table_text(table: Table) -> str:
    return ".".join(_part(part) for part in table)


def column_text(name: ColumnName) -> str:
    return ".".join(_part(part) for part in (*name.table, name.column))


def _part(text: str) -> str:
    return f'"{text}"' if re.search(r"[.\s]", text) else text
