"""The quick tokenizer gives the tokens of the parser's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token

from catalog.sql.lexing import tokens_of
from tests.sql.cases import read_cases

DIALECTS = [
    "",
    "postgres",
    "snowflake",
    "bigquery",
    "mysql",
    "tsql",
    "clickhouse",
    "duckdb",
    "hive",
    "oracle",
    "sqlite",
]
CASES = read_cases()
OFTEN = settings(
    max_examples=80,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
PIECES = st.sampled_from(
    [
        *"""a A1 _x order by group  BY or not 'x' 'it''s' 'a\\'b' "n" "n""m" `q` [b] 0 12 1.5 .5 1e3 0x1F 1_000 3L $1 $$ $a$ @v @@g #t
    ? %s {{ }} {% /* */ -- # -> ->> :: := => <= <> != || |> ( ) , ; . * = < > + - / % & | ^ ~ ! : e'x' r'\\d' N'y' b'1'
    select execute show comment on table é 本 \f \u00a0 \x00""".split(),
        *("\n", "\r\n", "\r", " ", "\t", "  \n ", "group\nby", "-- c\n", "/* c */", "/* d\n */", "'two\nlines'"),
    ]
)


def _plain(token: Token) -> tuple[object, ...]:
    return token.token_type, token.text, token.line, token.col, token.start, token.end, token.comments


def _tokens(text: str, dialect: str, quick: bool) -> list[tuple[object, ...]] | None:
    made = Dialect.get_or_raise(dialect or None)
    try:
        return [_plain(token) for token in (tokens_of(text, made) if quick else made.tokenize(text))]
    except TokenError:
        return None


def test_cases_have_the_same_tokens() -> None:
    for case in CASES:
        for text in (case.sql, re.sub(r" ", "\r\n", case.sql)):
            assert _tokens(text, case.dialect, quick=True) == _tokens(text, case.dialect, quick=False), text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_any_text_has_the_same_tokens(dialect: str) -> None:
    @OFTEN
    @given(st.lists(st.one_of(PIECES, st.text(max_size=3)), max_size=14))
    def holds(pieces: list[str]) -> None:
        for glue in ("", " "):
            text = glue.join(pieces)
            assert _tokens(text, dialect, quick=True) == _tokens(text, dialect, quick=False), repr(text)

    holds()
