"""`profile.py POPULATION SLICE OUT`: drift of a slice against the population, with Evidently 0.7.23."""

import sys

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import MeanValue, ValueDrift

population, part = (pd.read_csv(path) for path in sys.argv[1:3])
names = ["user_session_duration", "pages"]
definition = DataDefinition(numerical_columns=names)
wrap = lambda frame: Dataset.from_pandas(frame[names].astype(float), data_definition=definition)  # noqa: E731
report = Report([*(ValueDrift(column=n) for n in names), *(MeanValue(column=n) for n in names)], include_tests=True)
open(sys.argv[3], "w").write(report.run(current_data=wrap(part), reference_data=wrap(population)).json())
