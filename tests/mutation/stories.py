"""The differential fuzz: for each stage, stories that use every public name of it.

A story draws arguments and tells calls to a `Transcript`; the solution and a mutant hear
the same one. Where both say the same in all of them, the mutant is equivalent.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from inputs import (
    FLOATS,
    Draw,
    chance,
    images,
    no_images,
    numbers,
    one_of,
    optional,
    pair,
    sides,
    size,
    size_or_wrong,
)
from lives import (
    builds,
    chains,
    lives_as_conv2d,
    lives_as_dense,
    lives_as_pool,
    passes_without_parameters,
    predicts,
    trains,
)
from transcript import Story, Transcript

_VALUES = (0, 0.0, 1, -2.5, 0.1, 300, -1, np.nan, np.inf, 2**24 + 1, 2**40, 1e300)


# --- padding ----------------------------------------------------------------------------------
def pads(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    if chance(rng, 0.1):
        x = no_images(rng, x)
    told.call("pad2d", x, sides(rng), **optional(rng, value=one_of(rng, _VALUES)))


def counts_positions(told: Transcript, rng: Draw) -> None:
    shape, kernel = size_or_wrong(rng, 12), size_or_wrong(rng, 5)
    settings = optional(rng, stride=size_or_wrong(rng), padding=sides(rng))
    told.call("get_output_shape", shape, kernel, **settings)


def resolves(told: Transcript, rng: Draw) -> None:
    mode = one_of(rng, ("valid", "same", "full", "same", "full", "none", "", "Same", None, 1))
    told.call("resolve_padding", mode, size_or_wrong(rng, 6))


# --- im2col -----------------------------------------------------------------------------------
def cuts(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    if chance(rng, 0.1):
        x = no_images(rng, x)
    settings = optional(rng, stride=size_or_wrong(rng), padding=sides(rng))
    told.call("im2col", x, size_or_wrong(rng), **settings)


def adds_up(told: Transcript, rng: Draw) -> None:
    kernel, settings = (
        size_or_wrong(rng),
        optional(rng, stride=size_or_wrong(rng), padding=sides(rng)),
    )
    x = images(rng)
    shape = (
        told.module.im2col(x, kernel, **settings).shape
        if _fits(told, x, kernel, settings)
        else (4, 4)
    )
    if chance(rng, 0.1):
        shape = one_of(
            rng, (shape[::-1], (shape[0] + 1, shape[1]), (shape[0], shape[1] - 1), shape[:1])
        )
    col = numbers(rng, shape)
    if chance(rng, 0.05):
        col = one_of(rng, (col.tolist(), None))
    told.call("col2im", col, one_of(rng, (x.shape, list(x.shape))), kernel, **settings)


def _fits(told: Transcript, x: Any, kernel: Any, settings: dict[str, Any]) -> bool:
    try:
        told.module.get_output_shape(x.shape[1:3], kernel, **settings)
    except (TypeError, ValueError):
        return False
    return True


# --- conv -------------------------------------------------------------------------------------
def _filters(rng: Draw, channels: int, kernel: tuple[int, int] | None = None) -> list[Any]:
    KH, KW = kernel or pair(size(rng))
    C_out = int(rng.integers(1, 5))
    W, b = numbers(rng, (KH, KW, channels, C_out)), numbers(rng, (C_out,))
    return [W, b.astype(W.dtype)]


def _spoilt_filters(rng: Draw, x: Any, W: Any, b: Any) -> tuple[Any, Any, Any]:
    return one_of(
        rng,
        (
            (no_images(rng, x), W, b),
            (x, no_images(rng, W), b),
            (x, W, b.tolist()),
            (x, W, b[:-1]),
            (x, W, np.append(b, b)),
            (x, W, b.reshape(1, -1)),
            (x, np.concatenate([W, W], axis=2), b),
            (np.concatenate([x, x], axis=3), W, b),
        ),
    )


def convolves(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    W, b = _filters(rng, x.shape[3])
    if chance(rng, 0.15):
        x, W, b = _spoilt_filters(rng, x, W, b)
    settings = optional(rng, stride=size_or_wrong(rng), padding=sides(rng))
    told.call("conv2d_naive", x, W, b, **settings)
    told.call("conv2d_forward", x, W, b, **settings)


def _spoilt(rng: Draw, array: Any, probability: float = 0.2) -> Any:
    """Return an array that is too small or too large for what it belongs to, now and then."""
    if not chance(rng, probability):
        return array
    grown = [np.append(array, array, axis=axis) for axis in range(array.ndim)]
    less = [part for part in (array[1:], array[:, 1:], array[..., 1:]) if part.size]
    return one_of(rng, (*grown, *less, array[..., None]))


def goes_back(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    W, b = _filters(rng, x.shape[3])
    settings = optional(rng, stride=size(rng), padding=sides(rng, wrong=0))
    found = told.call("conv2d_forward", x, W, b, **settings)
    if found is None:
        return
    out, col = found
    grad_out = numbers(rng, out.shape)
    grad_out = _spoilt(rng, grad_out, 0.1)
    if chance(rng, 0.1):
        grad_out, W = one_of(rng, ((no_images(rng, grad_out), W), (grad_out, no_images(rng, W))))
    told.call("conv2d_backward", grad_out, col, x.shape, W, **settings)


# --- pooling ----------------------------------------------------------------------------------
def pools(told: Transcript, rng: Draw) -> None:
    x, window, settings = images(rng), size_or_wrong(rng, 3), optional(rng, stride=_step(rng))
    given = no_images(rng, x) if chance(rng, 0.1) else x
    kind = one_of(rng, ("max", "avg"))
    out = told.call(f"{kind}_pool2d_forward", given, window, **settings)
    if out is None or given is not x:
        return
    if kind == "avg":
        grad_out = _spoilt(rng, numbers(rng, out.shape))
        told.call("avg_pool2d_backward", grad_out, x.shape, window, **settings)
    else:
        grad_out, indices = numbers(rng, out[0].shape), out[1]
        wrong = chance(rng, 0.2)
        grad_out, indices = (_spoilt(rng, a, 0.5 * wrong) for a in (grad_out, indices))
        told.call("max_pool2d_backward", grad_out, indices, x.shape, window, **settings)


def _step(rng: Draw) -> Any:
    return None if chance(rng, 0.2) else size_or_wrong(rng, 3)


def pools_all(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    given = no_images(rng, x) if chance(rng, 0.1) else x
    out = told.call("global_avg_pool2d_forward", given)
    if out is not None and given is x:
        grad_out = _spoilt(rng, numbers(rng, out.shape))
        told.call("global_avg_pool2d_backward", grad_out, x.shape)


# --- lenet ------------------------------------------------------------------------------------
def measures(told: Transcript, rng: Draw) -> None:
    N, K = int(rng.integers(1, 6)), int(rng.integers(1, 6))
    logits = numbers(rng, (N, K), FLOATS) * one_of(rng, (1, 1, 400))
    labels = rng.integers(0, K, N).astype(one_of(rng, ("int64", "int32", "uint8")))
    if chance(rng, 0.25):
        low, high = labels.astype(np.int64), labels.astype(np.int64)
        low[int(rng.integers(N))], high[int(rng.integers(N))] = -1, K + int(rng.integers(2))
        wrong = (
            labels[1:],
            labels[None],
            labels.tolist(),
            labels.astype(float),
            labels > 0,
            low,
            high,
        )
        labels = one_of(rng, wrong)
    told.call("softmax_cross_entropy", logits, labels)


# How many stories of each kind are told.
STORIES: dict[str, dict[Story, int]] = {
    "padding": {pads: 1200, counts_positions: 1800, resolves: 900},
    "im2col": {cuts: 1500, adds_up: 1500},
    "conv": {convolves: 900, goes_back: 900, lives_as_conv2d: 900},
    "pooling": {pools: 2100, pools_all: 600, lives_as_pool: 900},
    "lenet": {
        passes_without_parameters: 600,
        lives_as_dense: 900,
        measures: 900,
        chains: 450,
        trains: 600,
        predicts: 180,
        builds: 40,
    },
}
