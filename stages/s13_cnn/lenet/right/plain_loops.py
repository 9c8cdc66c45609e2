"""Plain loops over images, classes and layers, recursion where a loop is usual."""

import math

import numpy as np


def softmax_cross_entropy(logits, labels):
    N, K = logits.shape
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        raise TypeError("labels must be integers")
    if labels.shape != (N,) or any(not 0 <= label < K for label in labels):
        raise ValueError("labels do not fit")
    dtype = logits.dtype if logits.dtype.kind == "f" else float
    total, grad_logits = 0.0, np.zeros((N, K), dtype)
    for n in range(N):
        row = [float(logit) for logit in logits[n]]
        largest = max(row)
        log_sum = largest + math.log(sum(math.exp(logit - largest) for logit in row))
        total += log_sum - row[labels[n]]
        for k in range(K):
            target = 1 if k == labels[n] else 0
            grad_logits[n, k] = (math.exp(row[k] - log_sum) - target) / N
    return total / N, grad_logits


def forward_cnn(layers, x):
    return forward_cnn(layers[1:], layers[0].forward(x)) if layers else x


def backward_cnn(layers, grad_out):
    for place in range(len(layers) - 1, -1, -1):
        grad_out = layers[place].backward(grad_out)
    return grad_out


def predict(layers, x, batch_size=256):
    labels = []
    for start in range(0, len(x), batch_size):
        labels += [
            int(np.argmax(row)) for row in forward_cnn(layers, x[start : start + batch_size])
        ]
    return np.array(labels)
