"""`headwater impact`: what a change would break."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import click

from catalog.cli.options import as_of_option, format_option, output_option

if TYPE_CHECKING:
    from catalog.answers import Answer
    from catalog.refs import Refs
    from catalog.store.port import Store

_EFFECTS: Final = ("breaks", "value_changes", "rows_change", "passes_through")
_TITLES: Final = {
    "breaks": "breaks (it names the thing)",
    "value_changes": "value changes",
    "rows_change": "rows change",
    "passes_through": "passes through (a star carries it)",
}
_KINDS: Final = ("Exposure", "ModelVersion", "Endpoint", "Metric", "Feature", "Dataset", "Column", "Run")
"""What people ask about first stands first."""
_CLEAN: Final = {"DatasetVersion": "versions of data", "Endpoint": "endpoints", "Prediction": "predictions"}
_MAX_LINES: Final = 12
"""Of one kind."""


@click.command("impact")
@click.argument("changes", nargs=-1, required=True, metavar="CHANGE...")
@click.option(
    "--fail-on",
    type=click.Choice([*_EFFECTS, "never"]),
    default="never",
    show_default=True,
    help="End with exit code 1 if something is affected this gravely or more: a gate for pull requests.",
)
@as_of_option
@format_option()
@output_option
@click.pass_context
def command(
    ctx: click.Context, changes: tuple[str, ...], fail_on: str, as_of: int | None, format_: str, output: str | None
) -> int:
    """Says what a change would do to everything that stands on what it changes.

    \b
    A CHANGE is one of
      drop:REF             a column or a whole data set goes
      rename:REF=NEW       a column or a data set is renamed
      retype:REF=TYPE      a column gets another type
      add-not-null:REF     a column may no longer be null
      bad-data:REF@FROM..TO  its data was wrong between two times (either may be left out)

    Bad data is followed along what ran: a reader is affected only if it read after bad data was there. In place of data, REF may
    be what bad data is known from; times follow from it:

    \b
      consent:DOCUMENT     what it covered, since it ended
      check:NAME           what it looked at, from each failure until it passed again; or the urn of one result
      report:NAME          a verification: content whose bytes did not match, since its digest was recorded
      incident:NAME        what it is about, from when it was opened until it was closed

    Findings go down to exposures, metrics, features, files, runs and model versions. The report says when it is a lower bound,
    and why.

    \b
    Example:
      headwater impact drop:pg:shop.core.orders#discount --fail-on breaks
      headwater impact bad-data:pg:shop.raw.clicks@2026-03-14..2026-03-16
      headwater impact bad-data:consent:CR-2026-17
    """
    from catalog.cli.asking import ask
    from catalog.contamination.faults import is_fault, parse_faults
    from catalog.contamination.report import contamination
    from catalog.impact.changes import parse_change
    from catalog.impact.proposed import impact
    from catalog.model.instants import Instant

    at = None if as_of is None else Instant(as_of)
    bad = [change for change in changes if is_fault(change)]
    if bad and (len(bad) < len(changes) or at is not None):
        raise click.UsageError("bad-data has times of its own: ask it without --as-of, and apart from other changes.")

    def asked(_: object, store: Store, refs: Refs) -> Answer:
        if bad:
            return contamination(store, refs, [f for change in bad for f in parse_faults(store, refs, change)])
        return impact(store, refs, [parse_change(change, refs) for change in changes], at)

    answer = ask(ctx, asked, format_, output, {"text": text})
    grave = _EFFECTS[: _EFFECTS.index(fail_on) + 1] if fail_on != "never" else ()
    return 1 if answer.data["verdict"] in grave else 0


def text(data: Mapping[str, Any]) -> str:
    """Returns an impact report as text, gravest first; long lists are cut, with what is left out counted."""
    asked = dict.fromkeys(change["change"] for change in data["changes"])
    lines = [f"{change}: {data['verdict'].replace('_', ' ')}" for change in asked]
    lines += [f"  {_origin(change)}" for change in data["changes"] if change.get("why")]
    for effect in _EFFECTS:
        found = [finding for finding in data["findings"] if finding["effect"] == effect]
        if found:
            lines += ["", f"{_TITLES[effect]}: {len(found)}"]
            kinds = {finding["kind"] for finding in found}
            for kind in sorted(kinds, key=lambda name: (_KINDS.index(name) if name in _KINDS else len(_KINDS), name)):
                lines += _of_kind(kind, [finding for finding in found if finding["kind"] == kind])
    return "\n".join([*lines, *_clean(data)])


def _origin(change: Mapping[str, Any]) -> str:
    """Returns what a consent, a check or a verification tells of some data."""
    since = f" from {change['since']}" if change["since"] else " always"
    until = f" to {change['until']}" if change["until"] else ""
    return f"{change['ref']}{since}{until}: {change['why']}"


def _clean(data: Mapping[str, Any]) -> list[str]:
    """Returns the model versions that do not stand on bad data, and how many other versions do not."""
    clean, lines = data.get("clean") or [], list[str]()
    if clean:
        models = [one["ref"] for one in clean if one["kind"] == "ModelVersion"]
        others = Counter(label for one in clean if (label := _CLEAN.get(one["kind"])))
        counted = "; ".join(f"{count} {label}" for label, count in sorted(others.items()))
        lines += ["", f"clean: {', '.join(models) or 'no model version'}" + (f"; {counted}" if counted else "")]
    for alarm in (data.get("alarms") or [])[:1]:
        lines.append(
            f"first alarm: {alarm['suite'] or alarm['check']} on {alarm['subject']} in {alarm['run']} at {alarm['at']}"
        )
    if data.get("undecided"):
        lines.append(f"cannot be told: {len(data['undecided'])} versions (--format json lists them)")
    return lines


def _of_kind(kind: str, found: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"  {kind}: {len(found)}", *(_line(finding) for finding in found[:_MAX_LINES])]
    if len(found) > _MAX_LINES:
        lines.append(f"    and {len(found) - _MAX_LINES} more (--format json lists all)")
    return lines


def _line(finding: Mapping[str, Any]) -> str:
    owners = ", ".join(unquote(owner.partition(":")[2]) for owner in finding["owners"])
    assumed = " (assumed)" if finding.get("assumed") else ""
    return f"    {finding['ref']}: {finding['why']}{assumed}" + (f"  [{owners}]" if owners else "")
