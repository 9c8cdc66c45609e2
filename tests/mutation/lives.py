"""The differential fuzz of objects: how layers live, and the networks that are made of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from inputs import (
    FLOATS,
    Draw,
    chance,
    images,
    numbers,
    one_of,
    optional,
    sides,
    size,
    size_or_wrong,
)
from transcript import Transcript


# --- layers -----------------------------------------------------------------------------------
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


# --- networks ---------------------------------------------------------------------------------
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
