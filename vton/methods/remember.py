"""What several steps need of one Person or Garment, made once."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar
from weakref import WeakKeyDictionary

Owner = TypeVar("Owner")
Value = TypeVar("Value")


def remembered(make: Callable[[Owner], Value]) -> Callable[[Owner], Value]:
    """Let a function of one object keep what it returned for as long as that object lives, and no longer.

    Portraits must not outlive the caches that `TryOnPipeline.forget` empties, so the objects are held weakly. The
    values are shared: callers leave them as they are.
    """
    values: WeakKeyDictionary[Owner, Value] = WeakKeyDictionary()

    @wraps(make)
    def get(owner: Owner) -> Value:
        value = values.get(owner)
        if value is None:
            value = values[owner] = make(owner)
        return value

    return get
