"""Texts without what must not be kept: literals, and whole statements that carry secrets."""

from __future__ import annotations

import re
from typing import Final

from sqlglot.tokenizer_core import TokenType

from catalog.sql.lexing import dialect_of
from catalog.sql.splitting import tokenize

_LITERALS: Final = frozenset(
    kind
    for name in (
        "STRING", "NUMBER", "NATIONAL_STRING", "RAW_STRING", "HEREDOC_STRING", "UNICODE_STRING", "BYTE_STRING",
        "BIT_STRING", "HEX_STRING",
    )
    if (kind := getattr(TokenType, name, None)) is not None
)  # fmt: skip

_SECRETS: Final = re.compile(
    r"""\b(?:
        password|passwd|identified\s+by|identified\s+with|secret(?:_?key|_?access_?key)?|access_?key(?:_?id)?
        |aws_key_id|aws_secret_key|aws_access_key_id|aws_secret_access_key|aws_token|session_token|credentials
        |private_key|rsa_public_key|encryption\s*=\s*\(|master_?key|master_symmetric_key|azure_sas_token|sas_token
        |api_?key|auth_token|bearer|pgp_sym_(?:en|de)crypt|encrypt_by_pass_?phrase|encryptbypassphrase|connection_string
        |create\s+(?:or\s+replace\s+)?(?:persistent\s+|temporary\s+)?secret|credential
    )\b
    |:\s*//[^/\s:'"@]+:[^/\s'"@]+@""",
    re.VERBOSE | re.IGNORECASE,
)


def is_sensitive(text: str, dialect: str | None = None) -> bool:
    """Whether a statement may carry a password or key; then keep its kind and `digest`, never its text.

    Errs on the side of yes: the words are looked for outside of comments only if nothing else matched.
    """
    return _SECRETS.search(text) is not None


def redact(text: str, dialect: str | None = None) -> str:
    """Returns the text with every literal as `?` and without comments.

    A text that cannot be cut into tokens is not returned at all: `-- unreadable` stands for it.
    """
    tokens = tokenize(text, dialect_of(dialect))
    if tokens is None:
        return "-- unreadable"
    parts: list[str] = []
    end = 0
    for token in tokens:
        gap = text[end : token.start]
        parts.append(_spacing(gap))
        parts.append("?" if token.token_type in _LITERALS else text[token.start : token.end + 1])
        end = token.end + 1
    return "".join(parts).strip()


def _spacing(gap: str) -> str:
    # Between two tokens stand blanks and comments; comments may hold anything, so only their line breaks stay.
    return gap if not gap.strip() else "\n" if "\n" in gap else " "
