"""Which earlier version of a model was the last good one, and why that is thought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from catalog.answers import listed
from catalog.contamination.timeline import EVER, time_of
from catalog.identity import find_all
from catalog.links import link_all
from catalog.model.errors import UsageError
from catalog.model.names import Urn, dataset_of
from catalog.provenance.training import Training, read_json, training_of
from catalog.refs import Refs
from catalog.show import suites_of
from catalog.store.port import Store

_HIGHER: Final = ("auc", "accuracy", "f1", "precision", "recall", "r2", "gini", "roc", "ks", "score", "ndcg", "map")
_LOWER: Final = ("loss", "error", "rmse", "mae", "mse", "mape", "brier", "perplexity", "wer")
_TRAINING: Final = "train"


class Standing(NamedTuple):
    """A version, and what speaks for and against it."""

    training: Training
    praise: tuple[str, ...]
    blame: tuple[str, ...]


def last_good(store: Store, refs: Refs, bad: Training) -> Standing:
    """Returns the newest earlier version for which something speaks and against which nothing does; if there is none, the newest.

    Raises:
        UsageError: the model has no earlier version.
    """
    earlier = [_standing(store, refs, one, bad) for one in _earlier(store, bad)]
    if not earlier:
        name = refs.format(bad.version)
        raise UsageError(f"{name!r} is the first version of its model: expected an earlier one. Name one with --good.")
    return next((one for one in earlier if one.praise and not one.blame), earlier[0])


def _earlier(store: Store, bad: Training) -> list[Training]:
    """Returns the versions made before, newest first."""
    model = Urn("model", bad.version.parts[:2])
    where = {"namespace": [model.namespace], "name": [model.name]}
    others = [n.urn for n in find_all(store, ["modelversion"], where) if n.urn != bad.version]
    trainings = [training_of(store, urn) for urn in others]
    return sorted((t for t in trainings if _order(t) < _order(bad)), key=_order, reverse=True)


def _order(training: Training) -> tuple[int, int, str]:
    number = training.version.parts[2]
    at = training.at
    return (EVER if at is None else at, int(number) if number.isascii() and number.isdigit() else 0, number)


def _standing(store: Store, refs: Refs, one: Training, bad: Training) -> Standing:
    praise, blame = list(_promotions(store, one)), list[str]()
    better, worse = _figures(one, bad)
    if better:
        praise.append(f"better figures: {listed(better)}")
    if worse and not better:
        blame.append(f"worse figures: {listed(worse)}")
    passed, failed = _checks(store, refs, one)
    if failed:
        blame.append(f"checks failed: {listed(failed)}")
    elif passed:
        praise.append(f"checks passed: {listed(passed)}")
    return Standing(one, tuple(praise), tuple(blame))


def _promotions(store: Store, one: Training) -> list[str]:
    said = one.properties
    serving = link_all(store, list(store.keys([one.version]).values()), ["SERVES"], "downstream")
    names = [f"alias {alias}" for alias in said.get("aliases") or ()]
    names += [str(said["status"])] if str(said.get("status") or "").lower() == "production" else []
    names += [f"endpoint {link.start.name}" for link in serving]
    return [f"promoted: {listed(names)}"] if names else []


def _figures(one: Training, bad: Training) -> tuple[list[str], list[str]]:
    """Returns the figures by which a version is better, and those by which it is worse; of the training's own only if there are no others."""
    was, now = _metrics(one), _metrics(bad)
    names = sorted(was.keys() & now.keys())
    chosen = [name for name in names if _TRAINING not in name.lower()] or names
    better, worse = list[str](), list[str]()
    for name in chosen:
        way = _direction(name)
        if way and was[name] != now[name]:
            (better if (was[name] > now[name]) == (way > 0) else worse).append(
                f"{name} {was[name]:g}, not {now[name]:g}"
            )
    return better, worse


def _direction(name: str) -> int:
    """Returns 1 if more is better, -1 if less is, 0 if that is not known."""
    lowered = name.lower()
    if any(word in lowered for word in _LOWER):
        return -1
    return 1 if any(word in lowered for word in _HIGHER) else 0


def _metrics(one: Training) -> dict[str, float]:
    found: dict[str, float] = {}
    said: Mapping[str, Any] = read_json(one.first("metrics")) or read_json(one.properties.get("metrics"))
    for name, value in said.items():
        try:
            found[name] = float(value)
        except (TypeError, ValueError):
            continue
    return found


def _checks(store: Store, refs: Refs, one: Training) -> tuple[list[str], list[str]]:
    """Returns the suites that passed and those that failed when last run over its data before the training."""
    last: dict[tuple[Urn, str], Any] = {}
    for urn in sorted({dataset_of(u) for u in one.inputs} | {dataset_of(u) for u in one.behind}):
        for said in suites_of(store, refs, urn):
            if one.at is None or (time_of(said["at"]) or EVER) <= one.at:
                last[urn, str(said["suite"] or said["check"])] = said["success"]
    named: defaultdict[Any, set[str]] = defaultdict(set)
    for (_, suite), success in last.items():
        named[success].add(suite)
    return sorted(named[True]), sorted(named[False])
