"""Checks that search for examples, repeated without the search.

A property is tried on examples that hypothesis draws, the same ones in every run that
passes. Drawing them takes longer than trying them, so a program that checks many
submissions draws them once. When one of them fails, hypothesis searches as usual, and
what it finds is what counts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

Example = tuple[tuple[Any, ...], dict[str, Any]]


class Properties:
    """The examples of the properties of one run, by the id of the check."""

    def __init__(self) -> None:
        self.drawn: dict[str, list[Example]] = {}

    def check(self, name: str, function: Any, check: Callable[[], None]) -> Callable[[], None]:
        """Return what runs a check, from its drawn examples where they are known."""
        handle = getattr(function, "hypothesis", None)
        if handle is None:
            return check
        return lambda: self._run(name, handle, check)

    def _run(self, name: str, handle: Any, search: Callable[[], None]) -> None:
        if name in self.drawn and self._all_pass(handle.inner_test, self.drawn[name]):
            return
        examples, inner = [], handle.inner_test

        def noted(*args: Any, **kwargs: Any) -> None:
            example = copy.deepcopy((args, kwargs))
            inner(*args, **kwargs)
            examples.append(example)

        handle.inner_test = noted
        try:
            search()
        finally:
            handle.inner_test = inner
        self.drawn[name] = examples

    def _all_pass(self, inner: Callable[..., None], examples: list[Example]) -> bool:
        try:
            for args, kwargs in copy.deepcopy(examples):
                inner(*args, **kwargs)
        except Exception:  # what is wrong, the search will say, with a smaller example
            return False
        return True
