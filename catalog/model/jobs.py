"""What follows for a job, and for what it writes, from what one run of it read and wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from catalog.model.edges import DependsOn, Edge, ProducedBy, Reads
from catalog.model.names import Urn, dataset_of


def job_edges(job: Urn, inputs: Iterable[Urn], outputs: Iterable[Urn], derives: Iterable[Edge]) -> Iterator[Edge]:
    """Yields what is true of the job as long as its newest run is: what it reads and writes, and how the latter derives.

    Args:
        inputs: Data sets, or versions of them, that it read; those that `derives` names are added.
        outputs: Data sets, or versions of them, that it wrote.
        derives: The lineage that came with the outputs, of columns or of whole data sets.
    """
    said = list(derives)
    tied = {(_dataset(edge.start), _dataset(edge.end)) for edge in said if not isinstance(edge, DependsOn)}
    read = _datasets([*inputs, *(edge.end for edge in said)])
    written = _datasets(outputs)
    yield from (Reads(start=job, end=source) for source in read)
    yield from (ProducedBy(start=target, end=job) for target in written)
    for target in written:
        for source in read:
            if source != target:
                yield DependsOn(start=target, end=source, columns_known=(target, source) in tied)
    yield from (edge for edge in said if not isinstance(edge, DependsOn))


def _datasets(urns: Iterable[Urn]) -> list[Urn]:
    return sorted({_dataset(urn) for urn in urns if urn.kind in ("dataset", "datasetversion", "column")})


def _dataset(urn: Urn) -> Urn:
    return dataset_of(urn) if urn.kind in ("column", "datasetversion") else urn
