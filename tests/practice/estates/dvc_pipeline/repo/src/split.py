import csv, yaml
share = yaml.safe_load(open("params.yaml"))["split"]["share"]
rows = list(csv.DictReader(open("data/clean.csv")))
cut = int(len(rows) * share)
for name, part in (("train", rows[:cut]), ("test", rows[cut:])):
    with open(f"data/{name}.csv", "w", newline="") as out:
        w = csv.DictWriter(out, rows[0].keys(), lineterminator="\n"); w.writeheader(); w.writerows(part)
