"""A layer that keeps the images, not the windows; draws in another order; writes in place."""

import numpy as np

from stages.s13_cnn.arguments import as_pair
from stages.s13_cnn.im2col.im2col import im2col


class Conv2D:
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        self._kernel = np.array(as_pair(kernel_size, "kernel_size"))
        self._setting = as_pair(stride, "stride"), padding
        fan_in = self._kernel.prod() * in_channels
        if rng is None:
            rng = np.random.default_rng()
        # Filter by filter, and with another function of the generator.
        filters = [
            rng.standard_normal((in_channels, *self._kernel), dtype=np.float32)
            for _ in range(out_channels)
        ]
        self._params = {
            "W": np.stack(filters).transpose(2, 3, 1, 0) * np.float32((2 / fan_in) ** 0.5),
            "b": np.zeros(out_channels, np.float32),
        }
        self.grad_W = self.grad_b = self._x = None

    W = property(lambda self: self._params["W"])
    b = property(lambda self: self._params["b"])

    def forward(self, x):
        self._x = x
        return conv2d_forward(x, self.W, self.b, *self._setting)[0]  # noqa: F821

    def backward(self, grad_out):
        if self._x is None:
            raise RuntimeError("there was no forward")
        col = im2col(self._x, tuple(self._kernel), *self._setting)
        gradients = conv2d_backward(grad_out, col, self._x.shape, self.W, *self._setting)  # noqa: F821
        if self.grad_W is None:
            self.grad_W, self.grad_b = np.zeros_like(gradients[1]), np.zeros_like(gradients[2])
        self.grad_W[...] = gradients[1]
        self.grad_b[...] = gradients[2]
        return gradients[0]

    def get_params(self):
        return tuple(self._params.values())

    def set_params(self, W, b):
        new = {"W": W, "b": b}
        for name, value in new.items():
            if value.shape != self._params[name].shape:
                raise ValueError(f"{name} must have the shape {self._params[name].shape}")
        for name, value in new.items():
            self._params[name][...] = value

    def get_gradients(self):
        return self.grad_W, self.grad_b
