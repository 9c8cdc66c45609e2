"""Checks that search for examples, repeated without the search.

A property is tried on examples that hypothesis draws, the same ones in every run that
passes. Drawing them takes longer than trying them, so a program that checks many
submissions draws them once; and where answers were recorded, they were recorded for these
examples. When one of them fails, hypothesis searches as usual, and what it finds is what
counts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any

from grader.errors import NotRecorded

Example = tuple[tuple[Any, ...], dict[str, Any]]


class Properties:
    """The examples of the properties of one run, by the name of the check.

    Parameters
    ----------
    drawn : mapping, optional
        What is known from the start.
    """

    def __init__(self, drawn: Mapping[str, list[Example]] | None = None) -> None:
        self.drawn = dict(drawn or {})

    def check(self, name: str, function: Any, check: Callable[[], None]) -> Callable[[], None]:
        """Return what runs a check, from its drawn examples where they are known."""
        handle = getattr(function, "hypothesis", None)
        if handle is None:
            return check
        return lambda: self._run(name, handle, check)

    def _run(self, name: str, handle: Any, search: Callable[[], None]) -> None:
        error = None
        if name in self.drawn:
            error = _first_failure(handle.inner_test, self.drawn[name])
            if error is None:
                return
        examples: list[Example] = []
        inner = handle.inner_test
        handle.inner_test = _noting(inner, examples)
        try:
            search()
        except Exception as smaller:
            # Where nothing was recorded for what hypothesis looks at, its search ends early.
            if error is not None and type(smaller).__module__.startswith("hypothesis"):
                raise error from None
            raise
        finally:
            handle.inner_test = inner
        if error is not None:
            raise error
        self.drawn[name] = examples


def _first_failure(inner: Callable[..., None], examples: list[Example]) -> Exception | None:
    try:
        for args, kwargs in copy.deepcopy(examples):
            inner(*args, **kwargs)
    except Exception as error:
        return error
    return None


def _noting(inner: Callable[..., None], examples: list[Example]) -> Callable[..., None]:
    """Return a test that keeps the examples that it passes."""

    def noting(*args: Any, **kwargs: Any) -> None:
        example = copy.deepcopy((args, kwargs))
        try:
            inner(*args, **kwargs)
        except NotRecorded:
            import hypothesis

            hypothesis.reject()
        examples.append(example)

    return noting
