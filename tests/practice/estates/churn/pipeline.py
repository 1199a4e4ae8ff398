"""From raw customers to a churn model: three recorded scripts in one file."""

import json

from catalog.recorder import record

WHERE = {"namespace": "telco", "root": "."}

with record("clean", note="CRM export, agreed with sales on 2 November", parameters={"keep": "contract"}, **WHERE) as rec:
    raw = rec.read_csv("raw.csv")
    rec.write_csv(rec.step("only contracts", raw[raw["plan"] == "contract"], by=["plan"]), "clean.csv")

with record("features", parameters={"days": 30}, **WHERE) as rec:
    clean = rec.read_csv("clean.csv")
    wide = clean.assign(minutes_per_call=clean["minutes"] / clean["calls"])
    told = rec.step("minutes per call", wide, derives={"minutes_per_call": ["minutes", "calls"]}, window_days=30)
    rec.write_csv(told[["customer_id", "minutes_per_call", "churned"]], "features.csv")

with record("train", parameters={"threshold": 4.0}, **WHERE) as rec:
    features = rec.read_csv("features.csv")
    left = features[features["minutes_per_call"] < 4.0]
    with open("model.json", "w") as out:
        json.dump({"threshold": 4.0, "churn_below": round(float(left["churned"].mean()), 3)}, out)
    rec.write_file("model.json")
