"""Snowflake's CREATE SEMANTIC VIEW: logical tables with facts, dimensions and metrics over their columns.

The parser does not know it; the sections are read from the tokens, each expression by the parser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from catalog.sql.expressions import sources_of
from catalog.sql.from_items import find_table
from catalog.sql.relations import Output, Relation, relation
from catalog.sql.results import CreatedColumn
from catalog.sql.scopes import Pass, Scope
from catalog.sql.splitting import Piece

_SECTIONS: Final = ("FACTS", "DIMENSIONS", "METRICS")
_AFTER_EXPRESSION: Final = frozenset({"WITH", "COMMENT", "SYNONYMS", "UNIQUE", "NON"})
_AFTER_TABLE: Final = frozenset({"PRIMARY KEY", "PRIMARY", "UNIQUE", "WITH", "COMMENT"})

Parse = Callable[[Sequence[Token]], exp.Expr | None]


def create_semantic_view(piece: Piece, run: Pass, parse: Parse) -> str | None:
    """Evaluates the statement; returns its kind, None if it is another statement."""
    at = next((i for i in range(1, 5) if piece.word(i) == "SEMANTIC VIEW"), 0)
    if piece.word(0) != "CREATE" or not at:
        return None
    name, at = _name(piece.tokens, at + (4 if piece.word(at + 1) == "IF" else 1))
    scope = Scope(run)
    _add_tables(piece, at, scope)
    outputs = [output for section in _SECTIONS for output in _columns(piece, at, section, scope, parse)]
    table = run.tables.new_name(name)
    made = relation(outputs, run.rules.key)
    run.gathered.write(table, outputs)
    run.gathered.columns = [CreatedColumn(output.name) for output in outputs]
    run.gathered.defines_target = True
    run.tables.define(table, made, False, name, ())
    return "create_view"


def _name(tokens: Sequence[Token], at: int) -> tuple[list[tuple[str, bool]], int]:
    parts = [(tokens[at].text, tokens[at].token_type == TokenType.IDENTIFIER)]
    while at + 2 < len(tokens) and tokens[at + 1].token_type == TokenType.DOT:
        at += 2
        parts.append((tokens[at].text, tokens[at].token_type == TokenType.IDENTIFIER))
    return parts, at + 1


def _section(piece: Piece, start: int, word: str) -> Sequence[Token]:
    """Returns the tokens between the parentheses after a word."""
    depth = 0
    begin = -1
    for at in range(start, len(piece.tokens)):
        text = piece.word(at)
        if depth == 0 and text == word and piece.word(at + 1) == "(":
            begin = at + 2
        depth += (text == "(") - (text == ")")
        if depth == 0 and text == ")" and begin >= 0:
            return piece.tokens[begin:at]
    return ()


def _items(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    depth, begin = 0, 0
    for at, token in enumerate(tokens):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0 and token.token_type == TokenType.COMMA:
            yield tokens[begin:at]
            begin = at + 1
    if begin < len(tokens):
        yield tokens[begin:]


def _add_tables(piece: Piece, at: int, scope: Scope) -> None:
    """`[alias AS] name PRIMARY KEY (..)`: a logical table goes by its alias, else by the last part of its name."""
    for item in _items(_section(piece, at, "TABLES")):
        named = 2 if len(item) > 2 and item[1].token_type == TokenType.ALIAS else 0
        parts, _ = _name(item, named)
        table = exp.Table()
        for key, (text, quoted) in zip(("this", "db", "catalog"), reversed(parts), strict=False):
            table.set(key, exp.to_identifier(text, quoted=quoted))
        alias = (item[0].text, item[0].token_type == TokenType.IDENTIFIER) if named else parts[-1]
        scope.add(scope.run.rules.key(scope.run.rules.column(*alias)), find_table(table, scope))


def _columns(piece: Piece, at: int, section: str, scope: Scope, parse: Parse) -> Iterator[Output]:
    """`[PUBLIC | PRIVATE] table.name AS expression ..`: what is defined may be used by what follows."""
    rules = scope.run.rules
    for item in _items(_section(piece, at, section)):
        tokens = item[1:] if item and item[0].text.upper() in ("PUBLIC", "PRIVATE") else item
        parts, end = _name(tokens, 0)
        if end >= len(tokens) or tokens[end].token_type != TokenType.ALIAS:
            continue
        tree = parse(_expression(tokens[end + 1 :]))
        if tree is None:
            scope.run.gathered.report(
                "unparsed", f"the expression of '{parts[-1][0]}' is not understood", tokens[0].line
            )
            continue
        output = Output(
            rules.column(*parts[-1]), sources_of(tree, scope), None if isinstance(tree, exp.Column) else tree
        )
        _define(output, parts, scope)
        yield output


def _expression(tokens: Sequence[Token]) -> Sequence[Token]:
    depth = 0
    for at, token in enumerate(tokens):
        depth += (token.token_type == TokenType.L_PAREN) - (token.token_type == TokenType.R_PAREN)
        if depth == 0 and at and token.text.upper() in _AFTER_EXPRESSION:
            return tokens[:at]
    return tokens


def _define(output: Output, parts: Sequence[tuple[str, bool]], scope: Scope) -> None:
    """Makes a fact, dimension or metric known under its logical table, unless a column of that name is there."""
    rules = scope.run.rules
    key = rules.key(output.name)
    scope.aliases.setdefault(key, output)
    owner = rules.key(rules.column(*parts[-2])) if len(parts) > 1 else ""
    found = scope.relations.get(owner)
    if found is not None and key not in found.by_key:
        known = Relation(found.outputs, found.openings, found.rows, found.table, {**found.by_key, key: output})
        scope.add(owner, known)
