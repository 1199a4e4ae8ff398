"""Reads what dbt leaves in `target/`: manifest, catalog, run results, source freshness."""

from ingestors.dbt.ingestor import DbtIngestor, DbtOptions

__all__ = ["DbtIngestor", "DbtOptions"]
