"""The side file `OUTPUT.recording.json`: what one run did, as published in `schema/json/headwater.recording.json`."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

SCHEMA: Final = "headwater.recording/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ColumnFigures(_Part):
    """One column of a file. No value of it."""

    name: str
    type: str | None = Field(default=None, description="As the library that held it writes it.")
    nulls: int | None = Field(default=None, description="Values that are missing, where they could be counted.")


class File(_Part):
    """A file that was read or written."""

    namespace: str = Field(description="As in OpenLineage.")
    name: str = Field(description="Its path, or its name below the recording's root.")
    sha256: str | None = Field(default=None, description="Digest of all its bytes; left out for what is no local file.")
    bytes: int | None = Field(default=None, description="Length.")
    rows: int | None = Field(default=None, description="Rows, where it holds a table.")
    columns: list[ColumnFigures] = Field(default_factory=list, description="Columns in order: the quality report.")
    note: str | None = Field(default=None, description="What the author says about where it came from.")


class Step(_Part):
    """One step between reading and writing."""

    name: str
    rows_before: int | None = Field(default=None, description="Rows of the first table that it was made from.")
    rows_after: int | None = Field(default=None, description="Rows of what it made.")
    rows_dropped: int | None = Field(default=None, description="How many fewer, 0 if there are not fewer.")
    columns_added: list[str] = Field(default_factory=list)
    columns_removed: list[str] = Field(default_factory=list)
    columns_renamed: dict[str, str] = Field(default_factory=dict, description="New name to old, where seen by values.")
    filtered_by: list[str] = Field(
        default_factory=list, description="Columns that the author says decided which rows stay."
    )
    parameters: dict[str, str] = Field(default_factory=dict)


class Code(_Part):
    """The code that ran."""

    repository: str = Field(description="Address of its repository, else of its folder.")
    commit: str | None = Field(
        default=None, description="Commit that was checked out; None where there is no repository."
    )
    branch: str | None = None
    path: str = Field(description="Script, from the repository's root on.")
    sha256: str = Field(description="Digest of the script as it ran, committed or not.")


class Software(_Part):
    """The software that it ran in."""

    python: str
    packages: dict[str, str] = Field(default_factory=dict, description="Data libraries that were loaded.")


class Document(_Part):
    """One run of a recorded script."""

    schema_: Literal["headwater.recording/1"] = Field(default=SCHEMA, alias="schema")
    job: str = Field(description="What `record` was given as a name.")
    job_namespace: str
    run: str = Field(description="Id of the run, the same as in the events.")
    state: Literal["RUNNING", "COMPLETE", "FAIL"]
    started_at: str
    ended_at: str | None = None
    error: str | None = Field(default=None, description="Kind of the error that ended it, without its message.")
    parameters: dict[str, str] = Field(default_factory=dict)
    inputs: list[File] = Field(default_factory=list)
    steps: list[Step] = Field(default_factory=list)
    outputs: list[File] = Field(default_factory=list)
    code: Code | None = None
    environment: Software

    def text(self) -> str:
        """Returns the JSON text of the side file."""
        return self.model_dump_json(by_alias=True, exclude_none=True, indent=2) + "\n"
