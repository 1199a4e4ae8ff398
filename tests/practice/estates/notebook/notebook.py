"""Cells of a notebook that trains a model of who leaves, as `jupyter nbconvert --to script` writes them."""

# In[1]:
import json

from catalog.recorder import record

rec = record("label leavers", namespace="shop", root=".", note="Exported by the CRM team")
raw = rec.read_csv("customers.csv")

# In[2]:
known = rec.step("drop rows without label", raw.dropna(subset=["left"]), by=["left"])
rec.write_csv(known, "labelled.csv")

# In[3]:
rec = record("join orders", namespace="shop", root=".")
known = rec.read_csv("labelled.csv")
orders = rec.read_csv("orders.csv", note="Exported by the shop")
spent = orders.groupby("customer_id", as_index=False)["amount"].sum()
joined = rec.step("join orders", known.merge(spent, on="customer_id"), of=[known, orders], derives={"amount": ["amount"]}, by=["customer_id"])
rec.write_csv(joined, "features.csv")

# In[4]:
rec = record("train leavers", namespace="shop", root=".", parameters={"cut": 50})
features = rec.read_csv("features.csv")
checked = rec.step("label is never missing", features[features["left"].notna()], by=["left"])
assert len(checked) == len(features)
share = float(features[features["amount"] < 50]["left"].mean())
with open("model.json", "w") as out:
    json.dump({"cut": 50, "share": round(share, 3)}, out)
rec.write_file("model.json")
