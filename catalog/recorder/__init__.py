"""Records what a script or notebook does to its data: three lines give input hashes, steps, row counts and output hashes.

    from catalog.recorder import record

    with record("clean customers") as rec:
        raw = rec.read_csv("raw.csv")
        kept = rec.step("drop rows without email", raw.dropna(subset=["email"]))
        rec.write_csv(kept, "clean.csv")

What was recorded lies next to the outputs: `OUTPUT.recording.json` for people and programs (see
`schema/json/headwater.recording.json`), and OpenLineage events in `JOB.openlineage.ndjson`, which a source of kind
`openlineage` reads. No value of the data is kept, nothing is sent anywhere, and pandas is imported only if it is used.
"""

from __future__ import annotations

from catalog.recorder.recording import Recording, record

__all__ = ["Recording", "record"]
