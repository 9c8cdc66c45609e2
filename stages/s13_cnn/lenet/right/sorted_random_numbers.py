"""Orders from sorted random numbers, batches from a generator, a labelled batch as one object."""

import math
from collections import namedtuple

import numpy as np

from stages.s13_cnn.lenet.lenet import (
    backward_cnn,
    forward_cnn,
    sgd_step,
    softmax_cross_entropy,
)

Batch = namedtuple("Batch", "images labels")


def _batches(x, labels, size, rng):
    order = np.argsort(rng.random(len(x)))
    while len(order):
        yield Batch(x[order[:size]], labels[order[:size]])
        order = order[size:]


def train(layers, x, labels, *, epochs, batch_size, lr, rng, on_batch=None):
    if labels.shape != (len(x),):
        raise ValueError("x and labels differ in length")
    if epochs <= 0 or batch_size <= 0:
        raise ValueError("epochs and batch_size must be at least 1")
    tell = on_batch or (lambda *told: None)
    steps, told, history = math.ceil(len(x) / batch_size) * epochs, 0, []
    for epoch in range(1, epochs + 1):
        entry = {"accuracy": 0.0, "loss": 0.0, "epoch": epoch}
        for batch in _batches(x, labels, batch_size, rng):
            logits = forward_cnn(layers, batch.images)
            loss, grad_logits = softmax_cross_entropy(logits, batch.labels)
            part = len(batch.images) / len(x)
            entry["loss"] += loss * part
            entry["accuracy"] += np.mean(logits.argmax(axis=1) == batch.labels) * part
            backward_cnn(layers, grad_logits)
            sgd_step(layers, lr)
            tell(told := told + 1, steps, loss)
        history.append(entry)
    return history


def predict(layers, x, batch_size=256):
    parts = np.array_split(x, math.ceil(len(x) / batch_size))
    return np.hstack([np.argsort(forward_cnn(layers, part), axis=1)[:, -1] for part in parts])
