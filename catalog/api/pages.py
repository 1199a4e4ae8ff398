"""Lists in pages: Relay connections whose cursors name the last item seen, so that pages stay right while things come and go."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

import strawberry

from catalog.model.errors import UsageError

T = TypeVar("T")
PAGE: Final = 50
MOST: Final = 200
"""Items that one page may hold."""


@strawberry.type(description="Where a page of a list ends.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more behind it.")
    end_cursor: str | None = strawberry.field(description="Give it as `after` for the next page.")


@strawberry.type(description="An item of a page.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Names this place in the list.")
    node: T = strawberry.field(description="The item.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The items with their cursors.")
    nodes: list[T] = strawberry.field(description="The items alone.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")
    total_count: int | None = strawberry.field(
        description="How many there are; null where counting would cost too much."
    )


def cursor(*key: Any) -> str:
    """Returns the key of an item as opaque text. Law: `read_cursor(cursor(*key)) == list(key)` for JSON values."""
    return base64.urlsafe_b64encode(json.dumps(key, separators=(",", ":")).encode()).decode().rstrip("=")


def read_cursor(text: str, like: Sequence[Any]) -> list[Any]:
    """Reads the key of an item back; it must be of the types of another item's.

    Raises:
        UsageError: the text is no cursor of such a list.
    """
    try:
        padded = text + "=" * (-len(text) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, UnicodeError, ValueError, RecursionError) as err:
        raise _no_cursor(text) from err
    if not isinstance(key, list) or [type(k) for k in key] != [type(k) for k in like]:
        raise _no_cursor(text)
    return key


def _no_cursor(text: str) -> UsageError:
    return UsageError(
        f"{text[:40]!r} is no cursor of this list: expected an `endCursor` of an earlier page. Leave it out."
    )


def size(first: int, most: int = MOST) -> int:
    """Returns how many items are wanted.

    Raises:
        UsageError: fewer than none, or more than a page may hold.
    """
    if not 0 <= first <= most:
        raise UsageError(f"first: {first} is out of bounds: expected 0 to {most}. Ask for the rest with `after`.")
    return first


def connection(
    items: Sequence[T], keys: Callable[[T], tuple[Any, ...]], *, more: bool, total: int | None
) -> Connection[T]:
    """Returns a page that holds these items."""
    edges = [Edge(cursor=cursor(*keys(item)), node=item) for item in items]
    info = PageInfo(has_next_page=more, end_cursor=edges[-1].cursor if edges else None)
    return Connection(edges=edges, nodes=list(items), page_info=info, total_count=total)


def page(items: Sequence[T], keys: Callable[[T], tuple[Any, ...]], first: int, after: str | None) -> Connection[T]:
    """Returns the page of a list in memory that follows a cursor.

    Args:
        keys: The order of the list; its last part names the item, so that a page goes on behind it also where it has moved.
    """
    wanted = size(first)
    rest = items
    if after is not None and items:
        last = tuple(read_cursor(after, like=keys(items[0])))
        moved = next((keys(item) for item in items if keys(item)[-1] == last[-1]), last)
        rest = [item for item in items if keys(item) > moved]
    return connection(rest[:wanted], keys, more=len(rest) > wanted, total=len(items))
