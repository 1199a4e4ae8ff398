import csv
rows = list(csv.DictReader(open("data/sessions.csv")))
for name, part in (("train", rows[::2]), ("validation", rows[1::2])):
    with open(f"data/{name}.csv", "w", newline="") as out:
        w = csv.DictWriter(out, rows[0].keys(), lineterminator="\n"); w.writeheader(); w.writerows(part)
