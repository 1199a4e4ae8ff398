"""The seven sources, invented."""

import csv
import random
from pathlib import Path

draw = random.Random(11)
people = range(1, 61)
CODES = ["10115", "20095", "50667"]
TABLES = {
    "customers": [{"customer_id": p, "birth_year": draw.randint(1950, 2004), "postcode": draw.choice(CODES), "email": f"p{p}@mail.example"} for p in people],
    "accounts": [{"customer_id": p, "balance": draw.randint(0, 4000), "card_limit": draw.choice([2000, 5000])} for p in people],
    "payments": [{"customer_id": draw.choice(people), "amount": draw.randint(5, 300), "kind": draw.choice(["CARD", "SEPA"])} for _ in range(150)],
    "arrears": [{"customer_id": draw.choice(people), "days_late": draw.choice([0, 0, 5, 31, 64])} for _ in range(120)],
    "applications": [{"application_id": 1000 + p, "customer_id": p, "income": draw.randint(18000, 90000), "requested": draw.randint(1000, 9000), "defaulted": int(draw.random() < 0.3)} for p in people],
    "bureau": [{"customer_id": p, "bureau_score": draw.randint(300, 850)} for p in people],
    "areas": [{"postcode": c, "median_income": draw.randint(30000, 52000)} for c in CODES],
}
Path("/lake/raw").mkdir(parents=True, exist_ok=True)
for name, rows in TABLES.items():
    with open(f"/lake/raw/{name}.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
