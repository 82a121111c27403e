"""A key that is equal only to itself, to remember what was made of an object that has no hash."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Same(Generic[T]):
    """Wraps `value`; two are equal where they wrap the same object."""

    __slots__ = ("value",)

    def __init__(self, value: T):
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.value is other.value
