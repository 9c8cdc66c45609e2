"""Each epoch shuffles an index array in place and cuts it with array_split; sums by np.append."""

import numpy as np

from stages.s13_cnn.lenet.lenet import (
    backward_cnn,
    forward_cnn,
    sgd_step,
    softmax_cross_entropy,
)


def train(layers, x, labels, *, epochs, batch_size, lr, rng, on_batch=None):
    if len(x) != len(labels) or labels.ndim != 1:
        raise ValueError("x and labels differ in length")
    if min(epochs, batch_size) < 1:
        raise ValueError("epochs and batch_size must be at least 1")
    places = np.arange(len(x))
    cuts = np.arange(batch_size, len(x), batch_size)
    history, step = [], 0
    for epoch in range(epochs):
        rng.shuffle(places)  # on top of the shuffles before
        shuffled_x, shuffled_labels = x[places], labels[places]
        losses, hits = np.empty(0), np.empty(0)
        batches = zip(np.split(shuffled_x, cuts), np.split(shuffled_labels, cuts), strict=True)
        for images, answers in batches:
            logits = forward_cnn(layers, images)
            loss, grad_logits = softmax_cross_entropy(logits, answers)
            losses = np.append(losses, np.full(len(images), loss))
            hits = np.append(hits, np.argmax(logits, 1) == answers)
            backward_cnn(layers, grad_logits)
            sgd_step(layers, lr)
            step += 1
            if on_batch:
                on_batch(step, epochs * (len(cuts) + 1), np.float64(loss))
        history += [{"epoch": epoch + 1, "loss": losses.mean(), "accuracy": hits.mean()}]
    return history
