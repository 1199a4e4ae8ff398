"""Policy files: rules that the catalog is asked to check, read as untrusted YAML.

Every scalar is text (`NO` is a region, not false), aliases are refused, size and depth are limited, and a key that stands
twice is an error, since the second would silently undo the first. Errors name file and line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import yaml
from rapidfuzz import process

from catalog.model.errors import ConfigError
from catalog.model.instants import parse

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 20
_EMPTY: Final = frozenset({"", "~", "null", "Null", "NULL"})

SIGNS: Final[Mapping[str, tuple[str, ...]]] = {
    "consent-for-purpose": ("register", "ignore_status", "active_status"),
    "residency": ("from_residency", "to_deployment_region"),
    "permitted-regions": ("regions", "datasets"),
    "retention": ("keep_days", "datasets"),
    "recorded-hash": (),
    "quality-gate": ("promoted_by", "suites"),
    "licence": ("allow", "deny"),
    "unresolved-lineage": ("accept",),
    "integrated": ("raw",),
    "rego": ("file", "query", "subjects"),
}
"""Kinds of rules with the keys that only they have, by which a rule without `kind` is known."""
_COMMON: Final = frozenset({"id", "kind", "text", "lineage", "exempt", "models", "owner", "severity", "description"})
_LINEAGE: Final = ("value", "table", "none")
_SUBJECTS: Final = ("model_versions", "datasets", "columns")
_QUERY: Final = re.compile(r"data(\.[A-Za-z_]\w*){1,20}")
_EXEMPT: Final = ("dataset", "subject", "model", "model_version", "data_file")


class Table(dict[str, Any]):
    """A mapping with the line that it begins at."""

    line: int = 0


@dataclass(frozen=True, slots=True)
class Exemption:
    """What a rule does not apply to, why, and the document that says so. `until` is its last day."""

    ref: str
    reason: str
    document: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `options` are the keys of its kind; values are text, lists of text or mappings."""

    id: str
    kind: str
    text: str
    lineage: str
    place: str
    options: Mapping[str, Any] = field(default_factory=dict)
    exempt: tuple[Exemption, ...] = ()
    models: tuple[str, ...] = ()

    def listed(self, key: str) -> tuple[str, ...]:
        """Returns an option as a list; one text is a list of one."""
        return _texts(self.options.get(key))

    def words(self, key: str) -> tuple[str, ...]:
        """Returns an option as a list of words of a register, which are read without regard to capitals."""
        return tuple(word.strip().lower() for word in self.listed(key))


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a model is used."""

    purposes: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    owner: str | None = None


def digest_of(said: Any) -> str:
    """Returns the digest, in hex, of what a rule says or looked at: equal values, equal digests."""
    return sha256(json.dumps(said, sort_keys=True).encode("utf-8", "replace")).hexdigest()


@dataclass(slots=True)
class Policies:
    """All that the policy files say. `residency`, `licences`, `retention` and `permitted` name data sets by ref.

    Attributes:
        permitted: Data set to the regions in which values of it may be.
        locations: Region to the namespaces whose data resides there.
        processing: Region to the jobs, or the namespaces of jobs, that run there.
    """

    rules: list[Rule] = field(default_factory=list)
    models: dict[str, Terms] = field(default_factory=dict)
    residency: dict[str, list[str]] = field(default_factory=dict)
    licences: dict[str, list[str]] = field(default_factory=dict)
    retention: dict[str, str] = field(default_factory=dict)
    permitted: dict[str, list[str]] = field(default_factory=dict)
    locations: dict[str, list[str]] = field(default_factory=dict)
    processing: dict[str, list[str]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def active_statuses(self, model: str) -> tuple[str, ...]:
        """Returns the words that the rules about a model take for a consent in force; empty if none says."""
        about = (r for r in self.rules if r.kind == "consent-for-purpose" and (not r.models or model in r.models))
        return tuple(dict.fromkeys(word for rule in about for word in rule.words("active_status")))

    def digest(self, rule: Rule) -> str:
        """Returns the digest of all that decides about a rule's answers, besides the graph."""
        terms = {name: [t.purposes, t.regions] for name, t in self.models.items()}
        exempt = [[e.ref, e.reason, e.document, e.until] for e in rule.exempt]
        said = [rule.id, rule.kind, rule.text, rule.lineage, rule.options, exempt, rule.models, terms, self.residency,
                self.licences, self.retention, self.permitted, self.locations, self.processing]  # fmt: skip
        return "sha256:" + digest_of(said)


def read_policies(paths: Iterable[Path]) -> Policies:
    """Reads policy files, one after the other.

    Raises:
        ConfigError: a file is missing, no YAML, too large, or says something that is no rule.
    """
    found = Policies()
    for path in paths:
        _File(str(path), found).read(_load(path))
    ids = [rule.id for rule in found.rules]
    for rule in found.rules:
        if ids.count(rule.id) > 1:
            raise ConfigError(f"{rule.place}: two rules have the id {rule.id!r}: expected one. Rename one of them.")
    return found


class _File:
    """One file on its way into the policies."""

    def __init__(self, path: str, into: Policies) -> None:
        self._path, self._into = path, into

    def read(self, document: Table) -> None:
        sections = {"residency": self._lists, "licences": self._lists, "models": self._models, "rules": self._rules,
                    "retention": self._retention, "permitted": self._lists, "locations": self._lists, "processing": self._lists}  # fmt: skip
        for key, value in document.items():
            if key not in sections:
                self._warn(document, key, sections)
            elif value is not None:
                sections[key](key, value)

    def _lists(self, key: str, value: Any) -> None:
        target: dict[str, list[str]] = getattr(self._into, key)
        for name, refs in self._table(value, key).items():
            target.setdefault(name, []).extend(_texts(refs))

    def _retention(self, key: str, value: Any) -> None:
        table = self._table(value, key)
        for ref, days in table.items():
            self._into.retention[ref] = self._days(days, table)

    def _models(self, key: str, value: Any) -> None:
        known = {"purpose", "purposes", "deployment_region", "deployment_regions", "owner", "description"}
        for name, said in self._table(value, key).items():
            terms = self._table(said, f"models.{name}")
            for odd in terms.keys() - known:
                self._warn(terms, odd, known)
            purposes = _texts(terms.get("purpose")) + _texts(terms.get("purposes"))
            regions = _texts(terms.get("deployment_region")) + _texts(terms.get("deployment_regions"))
            self._into.models[name] = Terms(purposes, regions, _one(terms.get("owner")))

    def _rules(self, key: str, value: Any) -> None:
        if not isinstance(value, list):
            raise self._error(0, f"{key!r} is {value!r}", "a list of rules", "Write each with `- id:`")
        for item in value:
            self._into.rules.append(self._rule(self._table(item, "a rule")))

    def _rule(self, said: Table) -> Rule:
        name = _one(said.get("id")) or _one(said.get("kind"))
        if not name:
            raise self._error(said.line, "a rule has no id", "a name of its own", "Add `id:`")
        kind = self._kind(name, said)
        own = {*SIGNS[kind], *_COMMON}
        for odd in sorted(said.keys() - own):
            self._warn(said, odd, own)
        lineage = _one(said.get("lineage")) or ("none" if kind == "recorded-hash" else "value")
        if lineage not in _LINEAGE:
            raise self._error(said.line, f"lineage {lineage!r}", "one of " + ", ".join(_LINEAGE), "Choose one")
        options = {key: self._checked(key, said) for key in SIGNS[kind] if said.get(key) is not None}
        if kind == "rego":
            options = self._rego(said)
        exempt = tuple(self._exemptions(said))
        place = f"{self._path}:{said.line}"
        text = " ".join((_one(said.get("text")) or _one(said.get("description")) or "").split())
        return Rule(name, kind, text, lineage, place, options, exempt, _texts(said.get("models")))

    def _kind(self, name: str, said: Table) -> str:
        kind = _one(said.get("kind"))
        if kind is None and name in SIGNS:
            return name
        if kind is None:
            likely = max(SIGNS, key=lambda known: sum(key in said for key in SIGNS[known]))
            kind = likely if any(key in said for key in SIGNS[likely]) else None
        if kind is None or kind not in SIGNS:
            shown = f"the kind {kind!r}" if kind else f"the rule {name!r} without a kind"
            nearest = process.extractOne(kind or name, list(SIGNS), score_cutoff=60)
            hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
            raise self._error(said.line, shown, "one of " + ", ".join(SIGNS), "Add `kind:`" + hint)
        return kind

    def _checked(self, key: str, said: Table) -> Any:
        if key == "keep_days":
            return self._days(said[key], said)
        if isinstance(said[key], dict):
            raise self._error(said.line, f"{key!r} is a mapping", "text or a list of texts", "Write it so")
        return list(_texts(said[key]))

    def _rego(self, said: Table) -> dict[str, str]:
        """Returns the options of a rule in Rego with the text of its policy, so that its digest holds it."""
        file, query = _one(said.get("file")), _one(said.get("query"))
        subjects = _one(said.get("subjects")) or _SUBJECTS[0]
        if file is None or query is None or not _QUERY.fullmatch(query):
            shown = f"the query {query!r}" if file else "a rule in Rego without a file"
            raise self._error(said.line, shown, "`file:` and a `query:` such as data.shop.deny", "Write both")
        if subjects not in _SUBJECTS:
            raise self._error(said.line, f"the subjects {subjects!r}", "one of " + ", ".join(_SUBJECTS), "Choose one")
        return {"file": file, "query": query, "subjects": subjects, "policy": _text_of(Path(self._path).parent / file)}

    def _exemptions(self, said: Table) -> Iterator[Exemption]:
        items = said.get("exempt") or []
        for item in items if isinstance(items, list) else [items]:
            one = self._table(item, "an exemption")
            ref = next((text for key in _EXEMPT if (text := _one(one.get(key)))), None)
            reason, document, until = (_one(one.get(key)) for key in ("reason", "document", "until"))
            if ref is None or reason is None or document is None:
                missing = f"one of {', '.join(_EXEMPT)}, a reason and a document"
                raise self._error(
                    one.line or said.line, "an exemption that is not whole", missing, "Add what is missing"
                )
            if until is not None:
                parse(until)
            for odd in one.keys() - {*_EXEMPT, "reason", "document", "until"}:
                self._warn(one, odd, {*_EXEMPT, "reason", "document", "until"})
            yield Exemption(ref, reason, document, until)

    def _days(self, value: Any, at: Table) -> str:
        text = _one(value) or ""
        if not (text.isascii() and text.isdigit() and len(text) < 7):
            raise self._error(at.line, f"{text!r} days", "a whole number", "Write how many days, e.g. 365")
        return text

    def _table(self, value: Any, what: str) -> Table:
        if not isinstance(value, Table):
            raise self._error(0, f"{what} is {str(value)[:80]!r}", "a mapping", "Write keys and values")
        return value

    def _warn(self, table: Table, key: str, known: Iterable[str]) -> None:
        nearest = process.extractOne(key, sorted(known), score_cutoff=70)
        hint = f" Did you mean {nearest[0]!r}?" if nearest else ""
        self._into.warnings.append(f"{self._path}:{table.line}: {key!r} is not known here and says nothing.{hint}")

    def _error(self, line: int, problem: str, expected: str, remedy: str) -> ConfigError:
        return ConfigError(f"{self._path}{f':{line}' if line else ''}: {problem}: expected {expected}. {remedy}.")


def _one(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _texts(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else (str(value),)


# --- YAML -------------------------------------------------------------------------------------------------------------


def _text_of(path: Path) -> str:
    if path.exists() and not path.is_file():
        raise ConfigError(f"{path}: is no file: expected a policy file. Mend what names it.")
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ConfigError(f"{path}: larger than {MAX_BYTES} bytes: expected a policy file. Split it.")
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as err:
        raise ConfigError(f"{path}: cannot be read ({err}): expected a policy file. Mend what names it.") from err


def _load(path: Path) -> Table:
    text = _text_of(path)
    try:
        _limit(path, text)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as err:
        raise ConfigError(f"{path}: no YAML: {err}. Mend it.") from err
    value = _plain(path, root) if root is not None else Table()
    if not isinstance(value, Table):
        raise ConfigError(f"{path}: {str(value)[:80]!r}: expected a mapping with `rules`. Mend it.")
    return value


def _limit(path: Path, text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise ConfigError(f"{path}:{line}: an alias: expected the value itself. Write it out.")
        if depth > MAX_DEPTH:
            raise ConfigError(f"{path}:{line}: nested over {MAX_DEPTH} levels deep: expected a policy file. Mend it.")


def _plain(path: Path, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        quoted = node.style in ("'", '"')
        return None if not quoted and node.value in _EMPTY else str(node.value)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(path, item) for item in node.value]
    table = Table()
    table.line = node.start_mark.line + 1
    for key, value in node.value:
        name = str(key.value)
        if name in table:
            raise ConfigError(f"{path}:{key.start_mark.line + 1}: {name!r} stands twice: expected once. Join the two.")
        table[name] = _plain(path, value)
    return table
