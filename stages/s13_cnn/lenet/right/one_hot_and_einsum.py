"""Labels as rows of zeros and ones, products by einsum, masks by np.where and np.sign."""

import numpy as np


class ReLU:
    def forward(self, x):
        self.slope = np.sign(np.where(x > 0, x, 0))
        return np.where(x < 0, x.dtype.type(0), x)

    def backward(self, grad_out):
        return np.einsum("...,...->...", grad_out, self.slope.astype(grad_out.dtype))


class Flatten:
    def forward(self, x):
        self.sizes = x.shape[1:]
        return np.stack([image.flatten() for image in x])

    def backward(self, grad_out):
        return np.asfortranarray(np.stack([row.reshape(self.sizes) for row in grad_out]))


class Dense:
    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        self.b = np.zeros((out_features,), dtype="float32")
        self.W = rng.standard_normal((out_features, in_features), dtype="float32").T
        self.W = np.ascontiguousarray(self.W) * np.float32((in_features / 2) ** -0.5)
        self.grad_W, self.grad_b = None, None

    def forward(self, x):
        if x.ndim != 2 or x.shape[1] != self.W.shape[0]:
            raise ValueError(f"x has shape {x.shape}")
        self.cache = (x, x.shape)
        return np.einsum("nd,df->nf", x, self.W) + self.b[None, :]

    def backward(self, grad_out):
        x, _ = self.cache
        self.grad_W = np.einsum("nd,nf->df", x, grad_out)
        self.grad_b = np.einsum("nf->f", grad_out)
        return np.einsum("nf,df->nd", grad_out, self.W)

    def get_params(self):
        return (self.W, self.b)

    def set_params(self, W, b):
        if W.shape != self.W.shape or b.shape != self.b.shape:
            raise ValueError(f"shapes {W.shape} and {b.shape}")
        self.W, self.b = np.array(W), np.array(b)

    def get_gradients(self):
        return (self.grad_W, self.grad_b)


def softmax_cross_entropy(logits, labels):
    N, K = logits.shape
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        raise TypeError("labels must be integers")
    if labels.shape != (N,) or labels.min() < 0 or labels.max() >= K:
        raise ValueError("labels do not fit")
    one_hot = (labels[:, None] == np.arange(K)).astype(logits.dtype)
    largest = logits.max(axis=1)
    log_sum = largest + np.log(np.exp(logits - largest[:, None]).sum(axis=1))
    losses = log_sum - (one_hot * logits).sum(axis=1)
    probabilities = np.exp(logits - log_sum[:, None])
    return np.mean(losses), (probabilities - one_hot) / np.array(N, dtype=logits.dtype)
