"""Measure the reference Conv2D, forward and backward, beside PyTorch's on one thread each.

    uv run --extra bench python benchmarks/conv_vs_torch.py

Prints the median time of one step (output, and gradients for images, weights and biases)
for each shape, the ratios, and their geometric mean beside the goal. The two take turns in
one process, so that a busy machine disturbs both alike.
"""

import os

# Before NumPy and PyTorch start their threads.
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"
os.environ["MKL_NUM_THREADS"] = os.environ["VECLIB_MAXIMUM_THREADS"] = "1"

import argparse
import sys
from pathlib import Path
from statistics import geometric_mean, median
from time import perf_counter

import numpy as np

GOAL = 2.0
# N, height and width, C_in, kernel, C_out, stride, padding
SHAPES = [
    (64, 32, 1, 5, 6, 1, 0),
    (64, 14, 6, 5, 16, 1, 0),
    (16, 32, 64, 3, 64, 1, 1),
    (2, 227, 3, 11, 96, 4, 0),
    (64, 32, 3, 3, 32, 1, 1),
]


def main(argv=None):
    """Run the comparison; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15, help="steps of each, for the medians")
    runs = parser.parse_args(argv).runs
    try:
        import torch
    except ImportError:
        print("PyTorch is missing; it comes with the extra 'bench':", file=sys.stderr)
        print("  uv run --extra bench python benchmarks/conv_vs_torch.py", file=sys.stderr)
        return 2

    torch.set_num_threads(1)
    Conv2D = reference_layer()
    print(f"NumPy {np.__version__}, PyTorch {torch.__version__}, one thread, {runs} runs\n")
    print("N,H,W,C_in,K,C_out,stride,pad  ours ms  torch ms  ratio")
    ratios = []
    for shape in SHAPES:
        ours, theirs = compare(Conv2D, torch, shape, runs)
        ratios.append(ours / theirs)
        N, size, *rest = shape
        name = ",".join(map(str, (N, size, size, *rest)))
        print(f"{name:<29}{ours * 1e3:>9.2f}{theirs * 1e3:>10.2f}{ratios[-1]:>7.2f}")
    print(f"\ngeometric mean of the ratios {geometric_mean(ratios):.2f}, goal <= {GOAL}")
    return 0


def reference_layer():
    """Return the class Conv2D of the reference."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from grader.course import Course
    from grader.reference import LiveReference

    unit, _ = Course.find(Path(__file__).parent).select(["s13.conv"])
    return LiveReference(unit.solutions()).module("stages.s13_cnn.conv.conv").Conv2D


def compare(Conv2D, torch, shape, runs):
    """Return the median seconds of one step of ours and of theirs."""
    N, size, C_in, K, C_out, stride, padding = shape
    rng = np.random.default_rng(13)
    layer = Conv2D(C_in, C_out, K, stride, padding, rng=rng)
    x = rng.normal(size=(N, size, size, C_in)).astype(np.float32)
    grad_out = rng.normal(size=layer.forward(x).shape).astype(np.float32)

    images, gradients = (torch.tensor(a.transpose(0, 3, 1, 2).copy()) for a in (x, grad_out))
    images.requires_grad_()
    module = torch.nn.Conv2d(C_in, C_out, K, stride, padding)
    with torch.no_grad():
        module.weight.copy_(torch.tensor(layer.W.transpose(3, 2, 0, 1).copy()))
        module.bias.zero_()

    def ours():
        layer.forward(x)
        return layer.backward(grad_out)

    def theirs():
        images.grad = module.weight.grad = module.bias.grad = None
        module(images).backward(gradients)
        return images.grad

    expected = theirs().numpy().transpose(0, 2, 3, 1)
    np.testing.assert_allclose(ours(), expected, rtol=1e-3, atol=1e-3 * abs(expected).max())
    np.testing.assert_allclose(
        layer.grad_W,
        module.weight.grad.numpy().transpose(2, 3, 1, 0),
        rtol=1e-3,
        atol=1e-3 * abs(layer.grad_W).max(),
    )
    times = [(seconds(ours), seconds(theirs)) for _ in range(runs)]
    return tuple(median(column) for column in zip(*times, strict=True))


def seconds(step):
    """Return how long one call takes."""
    start = perf_counter()
    step()
    return perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
