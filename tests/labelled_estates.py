"""Random estates whose columns are named as people name them, with what they mean: for measuring suggestions."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.classification.suggesting import Suggester
from catalog.model.edges import Edge
from catalog.model.names import Urn
from catalog.model.nodes import Column, Dataset, Node, Term
from catalog.store.memory import MemoryStore
from catalog.store.port import Store
from tests.catalogs import NS, catalog, col, edge, flow

WORDS = {
    "Order Amount": (["purchase value", "basket value"], "numeric"),
    "Customer": (["client", "buyer"], "bigint"),
    "Customer Segment": (["loyalty tier"], "text"),
    "Delivery Date": (["shipping date"], "date"),
    "Birth Date": (["date of birth"], "date"),
    "Email Address": (["e-mail"], "text"),
    "Phone Number": (["telephone"], "text"),
    "Discount Rate": (["rebate percentage"], "numeric"),
    "Net Revenue": (["net sales"], "numeric"),
    "Stock Level": (["inventory on hand"], "integer"),
    "Return Reason": (["refund cause"], "text"),
    "Warehouse": (["depot"], "text"),
    "Product Category": (["article group"], "text"),
    "Unit Price": (["price per piece"], "numeric"),
    "Payment Method": (["tender type"], "text"),
    "Session Duration": (["visit length"], "integer"),
    "Churn Probability": (["attrition risk"], "double"),
    "Contract Start": (["agreement begin"], "date"),
    "Insurance Premium": (["policy price"], "numeric"),
    "Claim Amount": (["loss amount"], "numeric"),
}
OTHERS = ("loaded_at", "batch_no", "row_hash", "src_file", "is_current", "etl_run", "sort_key", "checksum", "partition_day",
          "created_by", "comment", "version", "locale", "channel", "weight_kg", "colour", "attempts", "latency_ms", "shelf")  # fmt: skip
SHORT = {"customer": "cust", "amount": "amt", "number": "nr", "date": "dt", "address": "addr", "product": "prod", "price": "prc",
         "category": "cat", "delivery": "dlv", "payment": "pmt", "revenue": "rev", "percentage": "pct", "session": "sess"}  # fmt: skip
PLACES = ("orders", "clients", "sales", "stg_crm", "core.party", "web.visits", "policies", "shipments")


@dataclass
class Labelled:
    """A store, what its columns mean, and the columns that mean nothing in the glossary."""

    store: MemoryStore
    means: list[tuple[Urn, Urn]]
    others: list[Urn]


def labelled_estate(seed: int) -> Labelled:
    """Returns an estate of eight tables and what was made of them."""
    rng = random.Random(seed)
    chosen = rng.sample(sorted(WORDS), 12)
    facts: list[Node | Edge] = [Term(namespace="Words", name=name, synonyms=WORDS[name][0]) for name in chosen]
    means: list[tuple[Urn, Urn]] = []
    others: list[Urn] = []
    for place in PLACES:
        columns: dict[str, str] = {}
        for name in rng.sample(chosen, 5):
            column = _named(rng, name)
            if column not in columns:
                columns[column] = WORDS[name][1]
                means.append((col(f"{place}.{column}"), Urn("term", ("Words", name))))
        for column in rng.sample(OTHERS, 4):
            columns[column] = "text"
            others.append(col(f"{place}.{column}"))
        facts += _table(place, columns)
    facts += _marts(rng, means, others)
    assigned = rng.sample(means, round(len(means) * 0.8))
    facts += [edge("MEANS", thing, term) for thing, term in sorted(assigned)]
    return Labelled(catalog(*facts), sorted(assigned), others)


def _table(place: str, columns: dict[str, str]) -> list[Node | Edge]:
    nodes: list[Node | Edge] = [Dataset(namespace=NS, name=place, columns=sorted(columns))]
    return nodes + [Column(namespace=NS, name=place, path=path, data_type=kind) for path, kind in columns.items()]


def _marts(rng: random.Random, means: list[tuple[Urn, Urn]], others: list[Urn]) -> list[Node | Edge]:
    """Returns a mart for every second table: some columns renamed, some summed up, some of them nothing's."""
    facts: list[Node | Edge] = []
    for place in PLACES[::2]:
        columns: dict[str, str] = {}
        for thing, term in [pair for pair in means if pair[0].parts[1] == place]:
            column = _named(rng, term.name) if rng.random() < 0.5 else thing.parts[2]
            step = rng.choice(["identity", "identity", "transformation", "aggregation"])
            if column not in columns:
                columns[column] = WORDS[term.name][1]
                facts.append(flow(f"mart_{place}.{column}", f"{place}.{thing.parts[2]}", step))
                means.append((col(f"mart_{place}.{column}"), term))
        for thing in [urn for urn in others if urn.parts[1] == place][:2]:
            columns[thing.parts[2]] = "text"
            facts.append(flow(f"mart_{place}.{thing.parts[2]}", f"{place}.{thing.parts[2]}"))
            others.append(col(f"mart_{place}.{thing.parts[2]}"))
        facts += _table(f"mart_{place}", columns)
    return facts


def _named(rng: random.Random, term: str) -> str:
    """Returns a name for a column that means a term: its label or a synonym, whole, cut short, or with something beside."""
    phrase = rng.choice([term, term, *WORDS[term][0]]).lower().replace("-", "")
    words = phrase.split()
    style = rng.randrange(6)
    if style == 1:
        words = [SHORT.get(word, word) for word in words]
    elif style == 2:
        words = [
            word if len(word) < 6 else word[0] + "".join(c for c in word[1:] if c not in "aeiou") for word in words
        ]
    elif style == 3:
        words = [rng.choice(["max", "last", "avg", "src", "total"]), *words]
    elif style == 4:
        return words[0] + "".join(word.capitalize() for word in words[1:])
    elif style == 5 and len(words) > 1:
        words = words[1:] if rng.random() < 0.3 else [*words, rng.choice(["id", "cd", "eur", "txt"])]
    return "_".join(words)


@dataclass
class Measured:
    """How good suggestions are when each assignment in turn is hidden."""

    asked: int = 0
    suggested: int = 0
    first: int = 0
    among: int = 0
    others: int = 0
    disturbed: int = 0

    @property
    def precision(self) -> float:
        """Share of the first suggestions that are right."""
        return self.first / self.suggested

    @property
    def recall(self) -> float:
        """Share of the hidden assignments that are among the first three suggestions."""
        return self.among / self.asked


def measure(store: Store, means: Iterable[tuple[Urn, Urn]], others: Iterable[Urn] = ()) -> Measured:
    """Hides each assignment in turn and asks for it; asks for columns that mean nothing, too."""
    found = Measured()
    for thing, term in means:
        labels = [one.label for one in Suggester(store, [thing], [(thing, term)]).of(thing)]
        terms = [label for label in labels if label.kind == "term"]
        found.asked += 1
        found.suggested += bool(terms)
        found.first += terms[:1] == [term]
        found.among += term in terms
    unlabelled = list(others)
    suggester = Suggester(store, unlabelled)
    found.others = len(unlabelled)
    found.disturbed = sum(any(s.label.kind == "term" for s in suggester.of(urn)) for urn in unlabelled)
    return found
