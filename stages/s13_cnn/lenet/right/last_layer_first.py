"""LeNet's weights drawn in another order and from another distribution; a tuple of layers."""

from itertools import pairwise

import numpy as np

from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.lenet.lenet import Flatten, ReLU
from stages.s13_cnn.pooling.pooling import MaxPool2D


class Dense:
    """He's deviation with a uniform distribution; everything kept in float32."""

    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        limit = np.sqrt(6 / in_features)
        self._store = {"b": np.zeros(out_features, np.float32)}
        self._store["W"] = rng.uniform(-limit, limit, (in_features, out_features))
        self._store["W"] = self._store["W"].astype(np.float32)
        self.grad_W = self.grad_b = None

    W = property(lambda self: self._store["W"])
    b = property(lambda self: self._store["b"])

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != self.W.shape[0]:
            raise ValueError(f"x has shape {x.shape}")
        self._x = x.copy()
        return np.dot(x, self.W) + self.b

    def backward(self, grad_out):
        self.grad_b = np.ones(len(grad_out), grad_out.dtype) @ grad_out
        self.grad_W = np.tensordot(self._x, grad_out, axes=(0, 0))
        return np.dot(self.W, grad_out.T).T

    def get_params(self):
        return self.W, self.b

    def set_params(self, W, b):
        if W.shape != self.W.shape or b.shape != self.b.shape:
            raise ValueError(f"shapes {W.shape} and {b.shape}")
        self._store = {"W": W.astype(np.float32), "b": b.astype(np.float32)}

    def get_gradients(self):
        return self.grad_W, self.grad_b


def build_lenet(num_classes=10, rng=None):
    rng = rng or np.random.default_rng()
    sizes = [400, 120, 84, num_classes]
    dense = [Dense(*pair, rng) for pair in reversed(list(pairwise(sizes)))]
    convolutions = [Conv2D(6, 16, (5, 5), rng=rng), Conv2D(1, 6, (5, 5), rng=rng)]
    layers = []
    while convolutions:
        layers += [convolutions.pop(), ReLU(), MaxPool2D((2, 2), stride=2)]
    layers.append(Flatten())
    while dense:
        layers += [dense.pop(), ReLU()]
    return tuple(layers[:-1])
