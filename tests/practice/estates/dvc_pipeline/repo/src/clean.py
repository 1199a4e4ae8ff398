import csv, sys
rows = list(csv.DictReader(open("data/parcels.csv")))
kept = [r for r in rows if r["weight_kg"]]
with open("data/clean.csv", "w", newline="") as out:
    w = csv.DictWriter(out, rows[0].keys(), lineterminator="\n"); w.writeheader(); w.writerows(kept)
