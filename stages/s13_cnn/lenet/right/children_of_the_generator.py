"""Every layer and every epoch draws from a child of the generator; backward frees its input."""

import numpy as np

from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet.lenet import (
    Flatten,
    ReLU,
    backward_cnn,
    forward_cnn,
    sgd_step,
    softmax_cross_entropy,
)
from stages.s13_cnn.pooling.pooling import MaxPool2D


class Dense:
    def __init__(self, in_features, out_features, rng=None):
        child = (np.random.default_rng() if rng is None else rng).spawn(1)[0]
        self.W = child.normal(0, np.sqrt(2 / in_features), (in_features, out_features))
        self.W, self.b = np.float32(self.W), np.zeros(out_features, np.single)
        self.grad_W = self.grad_b = None

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != len(self.W):
            raise ValueError(f"x has shape {x.shape}")
        self._x = x
        return (x @ self.W + self.b).astype(x.dtype)

    def backward(self, grad_out):
        x, self._x = self._x, None
        self.grad_W, self.grad_b = x.T @ grad_out, grad_out.sum(axis=0)
        return (grad_out @ self.W.T).astype(grad_out.dtype)

    def get_params(self):
        return self.W, self.b

    def set_params(self, W, b):
        if W.shape != self.W.shape or b.shape != self.b.shape:
            raise ValueError(f"shapes {W.shape} and {b.shape}")
        self.W, self.b = W.copy(), b.copy()

    def get_gradients(self):
        return self.grad_W, self.grad_b


def build_lenet(num_classes=10, rng=None):
    children = (np.random.default_rng() if rng is None else rng).spawn(5)
    layers = [Conv2D(1, 6, 5, rng=children[0]), ReLU(), MaxPool2D(2)]
    layers += [Conv2D(6, 16, 5, rng=children[1]), ReLU(), MaxPool2D(2), Flatten()]
    layers += [Dense(400, 120, children[2]), ReLU(), Dense(120, 84, children[3]), ReLU()]
    return [*layers, Dense(84, num_classes, children[4])]


def train(layers, x, labels, *, epochs, batch_size, lr, rng, on_batch=None):
    if labels.shape != (len(x),):
        raise ValueError(f"{len(x)} images, labels of shape {labels.shape}")
    if epochs < 1 or batch_size < 1:
        raise ValueError("epochs and batch_size must be at least 1")
    history, step, steps = [], 0, epochs * -(-len(x) // batch_size)
    for epoch, child in enumerate(rng.spawn(epochs), start=1):
        order, losses, hits = np.argsort(child.random(len(x))), [], []
        for batch in np.split(order, range(batch_size, len(x), batch_size)):
            logits = forward_cnn(layers, x[batch])
            loss, grad_logits = softmax_cross_entropy(logits, labels[batch])
            backward_cnn(layers, grad_logits)
            sgd_step(layers, lr)
            step += 1
            losses += [loss] * len(batch)
            hits += list(logits.argmax(axis=1) == labels[batch])
            if on_batch is not None:
                on_batch(step, steps, loss)
        mean = {"loss": float(np.mean(losses)), "accuracy": float(np.mean(hits))}
        history.append({"epoch": epoch, **mean})
    return history
