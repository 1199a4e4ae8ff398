"""Bias figures of the model's answers by age, with AIF360 0.6.1: `fairness.py SCORED OUT`."""

import json
import sys

import pandas as pd
from aif360.datasets import BinaryLabelDataset
from aif360.explainers import MetricJSONExplainer
from aif360.metrics import ClassificationMetric

people = pd.read_csv(sys.argv[1])
truth = BinaryLabelDataset(df=people[["group", "defaulted"]].astype(float), label_names=["defaulted"], protected_attribute_names=["group"])
guess = truth.copy()
guess.labels = people[["guess"]].to_numpy(float)
metric = ClassificationMetric(truth, guess, unprivileged_groups=[{"group": 0}], privileged_groups=[{"group": 1}])
explain = MetricJSONExplainer(metric)
names = ["accuracy", "disparate_impact", "statistical_parity_difference", "equal_opportunity_difference"]
json.dump({name: json.loads(getattr(explain, name)()) for name in names}, open(sys.argv[2], "w"), indent=1)
