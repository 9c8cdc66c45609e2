"""Flatten adds 0 to views, and a step subtracts in place from the arrays of the layer."""

import numpy as np

from stages.s13_cnn.lenet.lenet import forward_cnn


class Flatten:
    def forward(self, x):
        self.input_shape = x.shape
        return x.reshape(x.shape[0], -1) + 0

    def backward(self, grad_out):
        return grad_out.reshape(self.input_shape) + 0


class ReLU:
    def forward(self, x):
        self.out = np.maximum(0, x)
        return self.out

    def backward(self, grad_out):
        grad_x = grad_out.copy()
        grad_x[self.out <= 0] = 0
        return grad_x


def sgd_step(layers, lr):
    for layer in layers:
        if getattr(layer, "grad_W", None) is not None:
            layer.W -= lr * layer.grad_W
            layer.b -= lr * layer.grad_b


def predict(layers, x, batch_size=256):
    labels = np.empty(len(x), dtype=np.int32)
    for start in range(0, len(x), batch_size):
        stop = min(start + batch_size, len(x))
        labels[start:stop] = np.argmax(forward_cnn(layers, x[start:stop]), axis=-1)
    return labels
