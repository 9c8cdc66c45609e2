"""Train the reference LeNet as the criterion "digits" does, on one thread, and time it.

    uv run python benchmarks/train_lenet.py
    uv run python benchmarks/train_lenet.py --seeds 10
    uv run python benchmarks/train_lenet.py --first 13 --rates 0.1 0.1 0.05 0.02 0.01

Prints, for each seed, the seconds for an epoch over 4,000 digits with each learning rate and
how many of 1,000 unseen ones the network then knows, beside the goals of the criterion. The
last is how the lab trains.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = "1"  # before NumPy starts
os.environ["MKL_NUM_THREADS"] = os.environ["VECLIB_MAXIMUM_THREADS"] = "1"

import argparse
import platform
import sys
from pathlib import Path
from statistics import mean, median
from time import perf_counter

import numpy as np

GOAL_SECONDS = 8.0
GOAL_ACCURACY = 0.93
RATES = [0.1, 0.02]  # of the criterion, which the goals are for


def main(argv=None):
    """Train once for each seed; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=3, help="how many networks to train")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument(
        "--rates", type=float, nargs="+", default=RATES, help="the learning rate of each epoch"
    )
    options = parser.parse_args(argv)

    reference = load_reference()
    print(f"{processor_name()}, Python {platform.python_version()}, NumPy {np.__version__}")
    rates = ", ".join(f"{rate:g}" for rate in options.rates)
    print(f"epochs over 4,000 digits with lr {rates}; batches of 32, one thread\n")
    print("seed  seconds  accuracy")
    results = []
    for seed in range(options.first, options.first + options.seeds):
        seconds, accuracy = train_once(reference, seed, options.rates)
        results.append((seconds, accuracy))
        print(f"{seed:>4}{seconds:>9.2f}{accuracy:>10.1%}", flush=True)
    seconds, accuracies = zip(*results, strict=True)
    time, read = f"median {median(seconds):.2f} s", f"mean {mean(accuracies):.1%}"
    worst = f"worst {min(accuracies):.1%}"
    if options.rates == RATES:
        time, worst = (
            f"{time}, goal <= {GOAL_SECONDS:.0f} s",
            f"{worst}, goal >= {GOAL_ACCURACY:.0%}",
        )
    print(f"\n{time}\n{read}, {worst}")
    return 0


def load_reference():
    """Return the reference's modules for padding and lenet, and the digits' loader."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from grader.course import Course
    from grader.reference import LiveReference
    from stages.data import load_digits

    unit, _ = Course.find(Path(__file__).parent).select(["s13.lenet"])
    solutions = LiveReference(unit.solutions())
    names = ("stages.s13_cnn.padding.padding", "stages.s13_cnn.lenet.lenet")
    return *(solutions.module(name) for name in names), load_digits


def train_once(reference, seed, rates):
    """Return the seconds for an epoch with each rate, and the accuracy on unseen digits."""
    padding, lenet, load_digits = reference
    train_x, train_y, test_x, test_y = load_digits()
    train_x, test_x = padding.pad2d(train_x, 2), padding.pad2d(test_x, 2)
    rng = np.random.default_rng(seed)
    layers = lenet.build_lenet(rng=rng)
    start = perf_counter()
    for lr in rates:
        lenet.train(layers, train_x, train_y, epochs=1, batch_size=32, lr=lr, rng=rng)
    seconds = perf_counter() - start
    return seconds, float((lenet.predict(layers, test_x) == test_y).mean())


def processor_name():
    """Return what the system calls its processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


if __name__ == "__main__":
    sys.exit(main())
