"""`validate.py CONTEXT CSV RUN`: validates sessions with Great Expectations 1.24.1 in a context of files."""

import sys
from pathlib import Path

import great_expectations as gx
import pandas as pd

folder, csv, run = sys.argv[1:]
fresh = not (Path(folder) / "gx").exists()
context = gx.get_context(mode="file", project_root_dir=folder)
context.variables.progress_bars = {"globally": False}
if fresh:
    source = context.data_sources.add_pandas("exports")
    batch = source.add_dataframe_asset("sessions").add_batch_definition_whole_dataframe("whole")
    suite = context.suites.add(gx.ExpectationSuite(name="sessions", meta={"table": "files:data/sessions.csv", "owner": "web@shop.example"}))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToNotBeNull(column="user_session_duration"))
    suite.add_expectation(gx.expectations.ExpectColumnValuesToBeBetween(column="user_session_duration", min_value=0, max_value=86400))
    definition = context.validation_definitions.add(gx.ValidationDefinition(name="sessions", data=batch, suite=suite))
    context.checkpoints.add(gx.Checkpoint(name="sessions", validation_definitions=[definition], result_format={"result_format": "SUMMARY"}))
result = context.checkpoints.get("sessions").run(batch_parameters={"dataframe": pd.read_csv(csv)}, run_id=gx.RunIdentifier(run_name=run))
print(result.success)
