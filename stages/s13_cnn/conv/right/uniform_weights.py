"""He's deviation by a uniform distribution; gradients as a pair; nothing kept after backward."""

import math

import numpy as np

from stages.s13_cnn.arguments import as_pair


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        shape = (*as_pair(kernel_size, "kernel_size"), in_channels, out_channels)
        limit = math.sqrt(6 / math.prod(shape[:3]))  # the deviation is limit / sqrt(3)
        rng = rng or np.random.default_rng()
        self.W = np.float32(rng.uniform(-limit, limit, size=shape))
        self.b = np.zeros(shape[-1:], np.single)
        self.options = {"stride": stride, "padding": padding}
        self.memory = []

    grad_W = property(lambda self: self.get_gradients()[0])
    grad_b = property(lambda self: self.get_gradients()[1])

    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, **self.options)  # noqa: F821
        self.memory = [col, x.shape]
        return out

    def backward(self, grad_out):
        if not self.memory:
            raise RuntimeError("first a forward, then one backward")
        grad_x, *self.gradients = conv2d_backward(  # noqa: F821
            grad_out, *self.memory, self.W, **self.options
        )
        self.memory.clear()
        return grad_x

    def get_params(self):
        return self.W, self.b

    def set_params(self, W, b):
        if W.shape != self.W.shape:
            raise ValueError(f"W: {W.shape} instead of {self.W.shape}")
        if b.shape != self.b.shape:
            raise ValueError(f"b: {b.shape} instead of {self.b.shape}")
        self.W, self.b = W.astype("f4"), b.astype("f4")

    def get_gradients(self):
        return tuple(getattr(self, "gradients", (None, None)))
