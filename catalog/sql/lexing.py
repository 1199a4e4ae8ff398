"""The parser's own tokenizer, quicker: the same tokens, most of them found by one regular expression each.

The tokenizer goes through a text character by character, which is a third of the work where the parser is not compiled.
What most text consists of (words, blanks, plain numbers, quoted text without escapes, single signs) is told here by how it
begins; for anything else the original takes over for one token. Where it is compiled it is left as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenizerCore, TokenType
from sqlglot.tokens import SQLGLOTC_INSTALLED, Tokenizer


@lru_cache(maxsize=64)
def dialect_of(name: str | None) -> Dialect:
    """Returns the parser's dialect of that name, the same object each time: it has no state.

    Raises:
        ValueError: it is not known; the message names the nearest.
    """
    return Dialect.get_or_raise(name or None)


_PARTS: Final = re.compile(
    r"""[ \t]*(?:
    ([A-Za-z_][A-Za-z0-9_]*)
    |([\r\n][ \t\r\n]*)
    |((?:[1-9][0-9]*|0)(?:\.[0-9]+)?(?=[\s),;]|\Z))
    |('[^'\\\r\n]+'(?!')|"[^"\\\r\n]+"(?!")|`[^`\\\r\n]+`(?!`))
    |(.))""",
    re.VERBOSE | re.DOTALL,
)
_WORD, _BREAKS, _NUMBER, _QUOTED = 1, 2, 3, 4

Trie = dict[Any, Any]
"""A tree of characters; the key 0 marks that a keyword, a quote or the beginning of a comment ends there."""


def tokens_of(text: str, dialect: Dialect) -> list[Token]:
    """Returns the tokens of a text, as the dialect's own tokenizer gives them.

    Raises:
        TokenError: a quote or comment does not end.
    """
    if SQLGLOTC_INSTALLED:
        return dialect.tokenize(text)
    tokenizer = dialect.tokenizer()
    core = tokenizer._core
    core.sql, core.size = text, len(text)
    try:
        _Scan(core, _plain(type(tokenizer), core)).run()
    except Exception as err:
        raise TokenError(f"a token at character {core._current} does not end") from err
    return core.tokens


@dataclass(frozen=True, slots=True)
class _Plain:
    """What needs no look at the rest of the text, for one kind of tokenizer.

    Attributes:
        trie: Keywords of several words or with signs, quotes, beginnings of comments.
        ends: Characters that end a word.
        signs: Single characters that are tokens if what follows does not make a longer one.
        quotes: Signs around text and around names.
        words: Words met so far: what they are, and where in the trie they lead; None where the original must look.
    """

    trie: Trie
    ends: frozenset[str]
    signs: dict[str, tuple[TokenType, Trie]]
    quotes: dict[str, TokenType]
    keywords: dict[str, TokenType]
    decimals: bool
    words: dict[str, tuple[TokenType, Trie] | None] = field(default_factory=dict)

    def learn(self, word: str) -> tuple[TokenType, Trie] | None:
        node: Trie | None = self.trie
        for char in word.upper():
            node = node.get(char) if node is not None else None
            if node is not None and 0 in node:
                self.words[word] = None
                return None
        meaning = self.words[word] = self.keywords.get(word.upper(), TokenType.VAR), node or {}
        if len(self.words) > _MAX_WORDS:
            self.words.clear()
        return meaning


_MAX_WORDS: Final = 20_000


_known: Final[dict[type, _Plain]] = {}


def _plain(cls: type[Tokenizer], core: TokenizerCore) -> _Plain:
    found = _known.get(cls)
    if found is None:
        found = _known[cls] = _learnt(core)
    return found


def _learnt(core: TokenizerCore) -> _Plain:
    trie: Trie = core.keyword_trie
    signs = {
        sign: (kind, node)
        for sign, kind in core.single_tokens.items()
        if 0 not in (node := trie.get(sign, {})) and sign not in core.identifiers
    }
    quotes = {
        sign: TokenType.STRING
        for sign, end in core.quotes.items()
        if sign == end and trie.get(sign, {}).keys() <= {0, sign}
    }
    quotes |= {sign: TokenType.IDENTIFIER for sign, end in core.identifiers.items() if sign == end}
    ends = frozenset(" \t\r\n") | (core.single_tokens.keys() - core.var_single_tokens)
    return _Plain(trie, ends, signs, quotes, core.keywords, core.numbers_can_have_decimals)


class _Scan:
    """One pass over a text. `line` is the line of the next character, `begin` where that line begins."""

    def __init__(self, core: TokenizerCore, plain: _Plain) -> None:
        self._core, self._plain = core, plain
        self._line, self._begin = 1, 0

    def run(self) -> None:
        core, text = self._core, self._core.sql
        position, size, match = 0, core.size, _PARTS.match
        while position < size:
            found = match(text, position)
            if found is None:
                break  # blanks at the end
            group, end = found.lastindex or 0, found.end()
            if group == _BREAKS:
                self._break(found.group(group), end)
                position = end
                continue
            start = found.start(group)
            kind, shown = self._meaning(group, found.group(group), end)
            position = self._by_original(start) if kind is None else self._add(kind, shown, start, end)
        if core.tokens and core._comments:
            core.tokens[-1].comments.extend(core._comments)

    def _meaning(self, group: int, part: str, end: int) -> tuple[TokenType | None, str]:
        """Returns the token that a part is; none if the original tokenizer has to tell."""
        plain, core = self._plain, self._core
        if group == _NUMBER:
            is_plain = plain.decimals and not (core.tokens and core.tokens[-1].token_type == TokenType.PARAMETER)
            return (TokenType.NUMBER if is_plain else None), part
        if group == _QUOTED:
            return plain.quotes.get(part[0]), part[1:-1]
        following = core.sql[end] if end < core.size else ""
        if group == _WORD:
            meaning = plain.words.get(part) or plain.learn(part)
            if following and following not in plain.ends:
                return None, part
        else:
            meaning = plain.signs.get(part)
        if meaning is None:
            return None, part
        kind, node = meaning
        if node and (" " if following.isspace() else following.upper()) in node:
            return None, part
        if group == _WORD and core.tokens and core.tokens[-1].token_type == TokenType.PARAMETER:
            return TokenType.VAR, part
        return kind, part

    def _break(self, blanks: str, end: int) -> None:
        self._line += blanks.count("\n") + blanks.count("\r") - blanks.count("\r\n")
        self._begin = end - len(blanks) + max(blanks.rfind("\n"), blanks.rfind("\r")) + 1

    def _add(self, kind: TokenType, shown: str, start: int, end: int) -> int:
        core = self._core
        comments = core._comments
        if comments or kind in core.commands:
            self._hand_over(start, end)
            core._add(kind, shown)
            return self._take_back()
        core._prev_token_line = self._line
        core.tokens.append(Token(kind, shown, self._line, end - self._begin, start, end - 1))
        return end

    def _by_original(self, start: int) -> int:
        core = self._core
        self._hand_over(start, start)
        core._advance()
        if core._char in "0123456789":
            core._scan_number()
        elif core._char in core.identifiers:
            core._scan_identifier(core.identifiers[core._char])
        elif not core._char.isspace():
            core._scan_keywords()
        return self._take_back()

    def _hand_over(self, start: int, end: int) -> None:
        core = self._core
        core._start, core._current, core._end = start, end, end >= core.size
        core._line, core._col = self._line, end - self._begin
        core._char, core._peek = "", core.sql[end : end + 1]

    def _take_back(self) -> int:
        core = self._core
        self._line, self._begin = core._line, core._current - core._col
        # The original counts a line when it goes on from its end.
        if core._char == "\n" or (core._char == "\r" and core._peek != "\n"):
            self._line, self._begin = self._line + 1, core._current
        return core._current
