import csv, json, yaml
from sklearn.linear_model import Ridge
alpha = yaml.safe_load(open("params.yaml"))["train"]["alpha"]
rows = list(csv.DictReader(open("data/train.csv")))
model = Ridge(alpha=alpha).fit([[float(r["weight_kg"]), float(r["distance_km"])] for r in rows], [float(r["hours"]) for r in rows])
json.dump({"coef": [round(c, 9) for c in model.coef_], "intercept": round(float(model.intercept_), 9)}, open("model.json", "w"))
