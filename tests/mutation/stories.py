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


def goes_back(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    W, b = _filters(rng, x.shape[3])
    settings = optional(rng, stride=size(rng), padding=sides(rng, wrong=0))
    found = told.call("conv2d_forward", x, W, b, **settings)
    if found is None:
        return
    out, col = found
    grad_out = numbers(rng, out.shape)
    if chance(rng, 0.2):
        G = grad_out
        grad_out = one_of(rng, (no_images(rng, G), G[:, 1:], G[..., 1:], np.append(G, G, axis=3)))
        W = no_images(rng, W) if chance(rng, 0.3) else W
    told.call("conv2d_backward", grad_out, col, x.shape, W, **settings)


def lives_as_conv2d(told: Transcript, rng: Draw) -> None:
    kernel, settings = (
        size_or_wrong(rng),
        optional(rng, stride=size(rng), padding=sides(rng, wrong=0)),
    )
    x, later = images(rng, channels=2), images(rng, channels=2)
    layer = told.call("Conv2D", 2, int(rng.integers(1, 5)), kernel, **settings, **_generator(rng))
    if layer is not None:
        _lives(told, rng, layer, x, later)


def _generator(rng: Draw) -> dict[str, Any]:
    return {"rng": np.random.default_rng(int(rng.integers(99)))} if chance(rng, 0.8) else {}


def _lives(told: Transcript, rng: Draw, layer: Any, x: Any, later: Any) -> None:
    """The life of a layer with parameters, drawn by a generator or by its own."""
    for name in ("W", "b", "grad_W", "grad_b"):
        value = getattr(layer, name)
        told.note(f"its {name}", value if name != "W" else (value.shape, str(value.dtype)))
    seeded = "rng" in told.records[-5].kwargs
    W, b = layer.get_params()
    if seeded and chance(rng, 0.5):
        told.call(layer.get_params)
    else:
        new_W, new_b = numbers(rng, W.shape), numbers(rng, b.shape)
        told.call(layer.set_params, new_W, new_b)
    _refuses_params(told, rng, layer, W, b)
    if W.ndim == 4 and chance(rng, 0.1):
        told.call(layer.backward, np.ones((1, 1, 1, len(b))))
    out = told.call(layer.forward, x)
    if chance(rng, 0.4):
        out = told.call(layer.forward, later)
    for _ in range(int(rng.integers(1, 3))):
        if out is not None:
            told.call(layer.backward, numbers(rng, out.shape))
    told.call(layer.get_gradients)
    told.note("its grad_W and grad_b", (layer.grad_W, layer.grad_b))
    told.call(layer.get_params)


def _refuses_params(told: Transcript, rng: Draw, layer: Any, W: Any, b: Any) -> None:
    if chance(rng, 0.3):
        W, b = np.ones(W.shape), np.ones(b.shape)
        wrong = one_of(rng, ((W[1:], b), (W, b[1:]), (W.T, b), (W[None], b), (W, b[None])))
        told.call(layer.set_params, *wrong)


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


def _spoilt(rng: Draw, array: Any, probability: float = 0.2) -> Any:
    """Return an array that is too small or too large for what it belongs to, now and then."""
    if not chance(rng, probability):
        return array
    grown = [np.append(array, array, axis=axis) for axis in range(array.ndim)]
    return one_of(rng, (*grown, array[1:], array[:, 1:], array[..., 1:], array[..., None]))


def pools_all(told: Transcript, rng: Draw) -> None:
    x = images(rng)
    given = no_images(rng, x) if chance(rng, 0.1) else x
    out = told.call("global_avg_pool2d_forward", given)
    if out is not None and given is x:
        grad_out = _spoilt(rng, numbers(rng, out.shape))
        told.call("global_avg_pool2d_backward", grad_out, x.shape)


def lives_as_pool(told: Transcript, rng: Draw) -> None:
    name = one_of(rng, ("MaxPool2D", "AvgPool2D", "GlobalAvgPool2D"))
    settings = optional(rng, pool_size=size(rng, 3), stride=one_of(rng, (None, size(rng, 3))))
    layer = told.call(name, **(settings if name[0] != "G" else {}))
    _passes(told, rng, layer, [images(rng), images(rng)])


def _passes(told: Transcript, rng: Draw, layer: Any, inputs: list[Any]) -> None:
    """Forward with some inputs, and back to the latest, once or twice."""
    out = None
    for x in inputs[: int(rng.integers(1, len(inputs) + 1))]:
        out = told.call(layer.forward, x)
        if out is None:
            return
    for _ in range(int(rng.integers(1, 3))):
        told.call(layer.backward, numbers(rng, out.shape))


# --- lenet ------------------------------------------------------------------------------------
def passes_without_parameters(told: Transcript, rng: Draw) -> None:
    layer = told.call(one_of(rng, ("ReLU", "Flatten")))
    _passes(told, rng, layer, [images(rng), images(rng)])


def lives_as_dense(told: Transcript, rng: Draw) -> None:
    D_in, D_out, N, later = (int(n) for n in rng.integers(1, 6, 4))
    layer = told.call("Dense", D_in, D_out, **_generator(rng))
    if layer is not None:
        x = numbers(
            rng, one_of(rng, ((N, D_in), (N, D_in), (N, D_in), (N, D_in + 1), (N, D_in, 1)))
        )
        _lives(told, rng, layer, x, numbers(rng, (later, D_in)))


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


def _network(told: Transcript, rng: Draw, x: Any, classes: int) -> list[Any]:
    """Return two dense layers with given parameters, and ReLU between them."""
    D_in, hidden = x[0].size, int(rng.integers(2, 5))
    dense = [told.module.Dense(D_in, hidden), told.module.Dense(hidden, classes)]
    for layer in dense:
        layer.set_params(*(rng.normal(size=p.shape) for p in layer.get_params()))
    return [told.module.Flatten(), dense[0], told.module.ReLU(), dense[1]]


def _note_parameters(told: Transcript, layers: list[Any]) -> None:
    for i, layer in enumerate(layers):
        if hasattr(layer, "W"):
            told.note(f"W and b of layer {i}", (layer.W, layer.b))


def chains(told: Transcript, rng: Draw) -> None:
    x = images(rng, dtypes=FLOATS)
    layers = _network(told, rng, x, classes=3)
    out = told.call("forward_cnn", layers, x)
    told.call("backward_cnn", layers, numbers(rng, out.shape, FLOATS))
    told.call("sgd_step", layers, float(rng.random()))
    _note_parameters(told, layers)


def trains(told: Transcript, rng: Draw) -> None:
    N, K = int(rng.integers(1, 9)), int(rng.integers(2, 4))
    x, labels = rng.normal(size=(N, 2, 3, 1)), rng.integers(0, K, N)
    layers, seen = _network(told, rng, x, K), []
    settings = {
        "epochs": one_of(rng, (1, 2, 3, 3, 0, -1) if chance(rng, 0.3) else (1, 2, 3)),
        "batch_size": one_of(rng, (1, 2, 3, 5, 9, 0) if chance(rng, 0.3) else (1, 2, 3, 9)),
        "lr": float(rng.random()),
        "rng": np.random.default_rng(int(rng.integers(99))),
        **optional(rng, on_batch=lambda *heard: seen.append(heard)),
    }
    if chance(rng, 0.1):
        labels = one_of(rng, (labels[1:], labels[None], np.append(labels, 0)))
    told.call("train", layers, x, labels, **settings)
    told.note("what on_batch heard", seen)
    _note_parameters(told, layers)


def predicts(told: Transcript, rng: Draw) -> None:
    N = one_of(rng, (1, 3, 7, 8, 300, 520))
    x = numbers(rng, (N, 1, 2, 2), FLOATS)
    layers = _network(told, rng, x, classes=4)
    told.call("predict", layers, x, **optional(rng, batch_size=int(rng.integers(1, 9))))


def builds(told: Transcript, rng: Draw) -> None:
    seed = _generator(rng)
    layers = told.call(
        "build_lenet", **optional(rng, num_classes=int(rng.integers(1, 12))), **seed
    )
    told.note("its parameters", [p.shape for a in layers if hasattr(a, "W") for p in (a.W, a.b)])
    told.note("their strides and frames", [getattr(a, "stride", 0) for a in layers])
    x = rng.normal(size=(2, 32, 32, 1))
    out = x
    for layer in layers:
        out = layer.forward(out)
    told.note("what comes out", out if seed else out.shape)


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
