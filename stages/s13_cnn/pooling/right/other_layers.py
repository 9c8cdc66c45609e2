"""Layers of another build: a common base, closures, and the indices found again in backward."""

import numpy as np

from stages.s13_cnn.arguments import as_pair
from stages.s13_cnn.pooling.pooling import (
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)


class _Pool:
    def __init__(self, pool_size=2, stride=None):
        self.window = tuple(np.array(as_pair(pool_size, "pool_size")))  # NumPy's integers
        self.step = self.window if stride is None else stride

    def backward(self, grad_out):
        return self._undo(grad_out)


class MaxPool2D(_Pool):
    def forward(self, x):
        self.__dict__["x"] = x.copy()
        return max_pool2d_forward(x, self.window, self.step)[0]

    def backward(self, grad_out):
        indices = max_pool2d_forward(self.x, self.window, stride=self.step)[1]
        return max_pool2d_backward(grad_out, indices, self.x.shape, self.window, self.step)


class AvgPool2D(_Pool):
    def forward(self, x):
        shape = list(x.shape)
        self._undo = lambda grad: avg_pool2d_backward(grad, shape, self.window, self.step)
        return avg_pool2d_forward(x, self.window, self.step)


class GlobalAvgPool2D:
    def __init__(self):
        self.shapes = []

    def forward(self, x):
        self.shapes.append(x.shape)
        return global_avg_pool2d_forward(x)

    def backward(self, grad_out):
        return global_avg_pool2d_backward(grad_out, self.shapes[-1])
