"""Names and phrases as words that can be compared: split, spelled out, in the singular, in one spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

_RUN: Final = re.compile(r"[^\W_]+")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[a-zA-Z])(?=\d)|(?<=\d)(?=[a-zA-Z])")

ABBREVIATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    word: tuple(meant.split())
    for word, meant in {
        "acct": "account", "acc": "account", "addr": "address", "adr": "address", "adj": "adjustment", "agr": "agreement",
        "amt": "amount", "appl": "application", "appr": "approval", "auth": "authorization", "avail": "available",
        "bal": "balance", "beg": "begin", "bday": "birth date", "biz": "business", "bldg": "building", "brth": "birth",
        "calc": "calculated", "cat": "category", "cc": "credit card", "chg": "change", "chk": "check", "cmt": "comment",
        "co": "company", "cntry": "country", "ctry": "country", "ccy": "currency", "curr": "currency", "cur": "currency",
        "cust": "customer", "dept": "department", "desc": "description", "descr": "description", "disc": "discount",
        "dob": "birth date", "doc": "document", "dlv": "delivery", "dt": "date", "dte": "date", "dttm": "timestamp",
        "due": "due", "eff": "effective", "emp": "employee", "empl": "employee", "exp": "expiry", "ext": "external",
        "fname": "first name", "fst": "first", "freq": "frequency", "gndr": "gender", "grp": "group", "hh": "household",
        "inc": "income", "ind": "indicator", "inst": "instalment", "inv": "invoice", "ip": "ip", "itm": "item",
        "lname": "last name", "lim": "limit", "lmt": "limit", "loc": "location", "ltv": "loan to value", "max": "maximum",
        "mgr": "manager", "mob": "mobile", "min": "minimum", "mnth": "month", "msg": "message", "mth": "month",
        "nat": "national", "nbr": "number", "nm": "name", "no": "number", "num": "number", "nr": "number", "ord": "order",
        "org": "organization", "orig": "original", "pct": "percent", "perc": "percent", "ph": "phone", "phn": "phone",
        "pmt": "payment", "pymt": "payment", "pol": "policy", "prc": "price", "prd": "product", "prod": "product",
        "prem": "premium", "prev": "previous", "prin": "principal", "pwd": "password", "qty": "quantity", "ref": "reference",
        "reg": "region", "rev": "revenue", "rsn": "reason", "sal": "salary", "sess": "session", "seg": "segment",
        "sgmt": "segment", "shp": "shipping", "ssn": "social security number", "stat": "status", "sts": "status",
        "svc": "service", "tel": "phone", "telephone": "phone", "temp": "temperature", "tin": "tax number", "tot": "total",
        "trans": "transaction", "trx": "transaction", "txn": "transaction", "typ": "type", "usr": "user",
        "util": "utilization", "val": "value", "vat": "vat", "vol": "volume", "wgt": "weight", "yr": "year",
        "zip": "postcode", "zipcode": "postcode", "postal": "postcode", "plz": "postcode", "birthdate": "birth date",
        "birthday": "birth date", "firstname": "first name", "lastname": "last name", "surname": "last name",
        "fullname": "full name", "givenname": "first name", "username": "user name", "mail": "email", "dpd": "days past due",
        "iban": "iban", "bic": "bic", "creditcard": "credit card", "ipaddress": "ip address", "streetaddress": "street address",
    }.items()
}  # fmt: skip
"""What people write short, spelled out."""

STOP: Final = frozenset({"of", "the", "a", "an", "and", "in", "on", "to", "for", "by", "or", "with"})


@lru_cache(maxsize=65536)
def words_of(text: str) -> tuple[str, ...]:
    """Returns the words of a name or a phrase, spelled out and folded; numbers and little words are left out."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text)):
        for part in _HUMP.split(run):
            folded = part.casefold()
            if not folded.isdigit():
                found += [folded_word(word) for word in ABBREVIATIONS.get(folded, (folded,))]
    return tuple(word for word in dict.fromkeys(found) if word not in STOP)


def folded_word(word: str) -> str:
    """Returns a word in the singular, without the ending of the past, and as Americans spell it."""
    for ending, plain in (("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("ise", "ize"), ("our", "or")):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            word = word.removesuffix(ending) + plain
    for ending, plain in (("ies", "y"), ("ied", "y"), ("ed", "")):
        if word.endswith(ending) and len(word) > len(ending) + 3:
            return word.removesuffix(ending) + plain
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3 else word


def meaning(words: Iterable[str]) -> frozenset[str]:
    """Returns the words that say what a value is; all of them if none does."""
    found = frozenset(words)
    return found - NOISE or found


def bones(word: str) -> str:
    """Returns a word without the vowels behind its first letter, as it is cut short in names of columns."""
    return word[:1] + "".join(char for char in word[1:] if char not in "aeiou")


def initials(words: Iterable[str]) -> str:
    """Returns the first letters of a phrase of three words or more."""
    found = [word[0] for word in words]
    return "".join(found) if len(found) > 2 else ""


NOISE: Final = frozenset(
    folded_word(word)
    for word in ("id", "key", "code", "maximum", "minimum", "average", "avg", "sum", "total", "count", "cnt", "worst", "peak", "first",
     "last", "latest", "current", "new", "old", "raw", "src", "stg", "dim", "fct", "fact", "mart", "tmp", "value", "flag",
     "indicator", "original", "eur", "usd", "gbp", "chf", "pk", "fk", "sk", "calculated", "d")
)  # fmt: skip
"""Words that say how a value was taken, not what it is."""
