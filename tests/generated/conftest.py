"""Every store, for the tests of made-up estates."""

from tests.store.conftest import scheme, store

__all__ = ["scheme", "store"]
