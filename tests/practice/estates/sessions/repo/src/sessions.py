import csv, glob
seen = {}
for path in sorted(glob.glob("raw_logs/*.csv")):
    for row in csv.DictReader(open(path)):
        seen.setdefault((path, row["user_id"]), []).append(row)
with open("data/sessions.csv", "w", newline="") as out:
    w = csv.writer(out, lineterminator="\n"); w.writerow(["user_id", "user_session_duration", "pages", "bought"])
    for (path, user), rows in seen.items():
        times = [int(r["second"]) for r in rows]
        w.writerow([user, times[-1] - times[0], len(rows), int(any(r["page"] == "paid" for r in rows))])
