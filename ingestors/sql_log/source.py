"""What the reading of one source stands on."""

from __future__ import annotations

from dataclasses import dataclass, field

from catalog.model.ingest import Context
from ingestors.sql_log.known import Known
from ingestors.sql_log.options import SqlLogOptions
from ingestors.sql_log.skips import Skips
from ingestors.sql_log.trial import Trial


@dataclass(frozen=True, slots=True)
class Source:
    """One source of the project file while it is read.

    Attributes:
        namespace: In full.
        skips: What was not understood and belongs to no table, gathered here.
        trial: Where long texts are tried.
    """

    options: SqlLogOptions
    namespace: str
    known: Known
    context: Context
    trial: Trial
    skips: Skips = field(default_factory=Skips)

    @property
    def dialect(self) -> str | None:
        return self.options.sql_dialect(self.namespace)
