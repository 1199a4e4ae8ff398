"""What is tied to a thing of one kind, one hop away: a field for each verb."""

from __future__ import annotations

from typing import Final, NamedTuple

from catalog.store.port import Direction


class Relation(NamedTuple):
    """A field of some kinds: the things at the other end of edges of a type."""

    name: str
    kinds: tuple[str, ...]
    type: str
    direction: Direction
    description: str


_ROWS: Final[tuple[tuple[str, str, str, Direction, str], ...]] = (
    ("terms", "column dataset feature metric", "MEANS", "upstream", "Terms that name what it holds."),
    ("versions", "dataset model", "VERSION_OF", "downstream", "Its versions."),
    ("version_of", "datasetversion modelversion", "VERSION_OF", "upstream", "What it is a version of."),
    ("produced_by", "dataset", "PRODUCED_BY", "upstream", "Jobs that write it."),
    ("read_by", "dataset", "READS", "downstream", "Jobs that read it."),
    ("checks", "dataset column", "CHECKS", "downstream", "Checks that look at it."),
    ("results", "check", "RESULT_OF", "downstream", "Its results."),
    ("looks_at", "check", "CHECKS", "upstream", "What it looks at."),
    ("reads", "job", "READS", "upstream", "Data sets that it reads."),
    ("writes", "job", "PRODUCED_BY", "downstream", "Data sets that it writes."),
    ("runs", "job", "RUN_OF", "downstream", "Its executions."),
    ("jobs", "run", "RUN_OF", "upstream", "Job that it executes."),
    ("used", "run", "USED", "upstream", "Versions that it read."),
    ("generated", "run", "GENERATED_BY", "downstream", "Versions that it made."),
    ("generated_by", "datasetversion modelversion dataset", "GENERATED_BY", "upstream", "Run that made it."),
    ("code", "run modelversion job", "AT_COMMIT", "upstream", "Commit that it stands on."),
    ("environment", "run modelversion", "EXECUTED_IN", "upstream", "Software that it ran in."),
    ("trained_on", "modelversion", "TRAINED_ON", "upstream", "Data that it was trained on."),
    ("uses_features", "modelversion", "USES_FEATURE", "upstream", "Features and target that it was trained with."),
    ("evaluated_on", "modelversion checkresult report", "EVALUATED_ON", "upstream", "Data that it was found on."),
    ("evaluations", "dataset datasetversion fileentry modelversion", "EVALUATED_ON", "downstream",
     "Reports, results of checks and model versions that were found or evaluated on it."),
    ("endpoints", "modelversion", "SERVES", "downstream", "Endpoints that answer with it."),
    ("computed_from", "feature metric", "COMPUTED_FROM", "upstream", "What it is computed from."),
    ("selects", "featureservice modelversion", "SELECTS", "upstream", "Features and services that it takes."),
    ("meant_by", "term", "MEANS", "downstream", "Columns and other things that hold what it names."),
    ("broader", "term", "BROADER", "upstream", "Terms that hold it."),
    ("narrower", "term", "BROADER", "downstream", "Terms that it holds."),
    ("related", "term", "RELATED", "upstream", "Terms related to it in other ways."),
    ("owns", "agent", "OWNED_BY", "downstream", "What it answers for."),
    ("bearers", "tag", "TAGGED", "downstream", "What bears it."),
    ("concerns", "incident report", "CONCERNS", "upstream", "What it is about."),
    ("covers", "contract consent policy", "COVERED_BY", "downstream", "What it covers."),
)  # fmt: skip

RELATIONS: Final = tuple(
    Relation(name, tuple(kinds.split()), type_, way, about) for name, kinds, type_, way, about in _ROWS
)
