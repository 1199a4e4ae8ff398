"""Cleans a file of visits, and records what it does."""

from catalog.recorder import record

with record("clean visits", namespace="shop", root=".", note="Export of the web shop, 1 November", parameters={"least_minutes": 0}) as rec:
    raw = rec.read_csv("visits.csv")
    known = rec.step("drop rows without email", raw.dropna(subset=["email"]), by=["email"])
    once = rec.step("drop repeated rows", known.drop_duplicates(), by=["visit_id"])
    timed = rec.step("drop rows without time", once.dropna(subset=["minutes"]), by=["minutes"])
    clean = rec.step("drop negative times", timed[timed["minutes"] >= 0], by=["minutes"])
    rec.write_csv(clean, "clean.csv")
