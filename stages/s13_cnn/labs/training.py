"""Around the training of a network: progress, what its layers do, and keeping its weights."""

import io
import time
from datetime import datetime
from pathlib import Path

import numpy as np

from grader.atomic import write_atomically
from grader.course import Course
from grader.kept import keep


class Progress:
    """A live progress bar for ``train(..., on_batch=progress)``; it remembers the losses.

    Parameters
    ----------
    pause : float
        Seconds between two drawings.

    Attributes
    ----------
    losses : list of float
        Of every step since it was made.

    Examples
    --------
    >>> progress = Progress()
    >>> progress.begin("epoch 1")
    >>> progress(1, 2, 2.25)
    >>> progress(2, 2, 1.75)
    >>> progress.losses
    [2.25, 1.75]
    >>> print(progress.line)
    epoch 1: step 2 of 2, loss 1.750
    """

    def __init__(self, pause=0.1):
        self.losses = []
        self._pause = pause
        self.line = ""
        self._title = "training"
        self._handle = None
        self._drawn = 0.0

    def begin(self, title):
        """Start another bar.

        Parameters
        ----------
        title : str
            What stands before it.
        """
        self._title, self._handle = title, None

    def __call__(self, step, steps, loss):
        """Record a step, and move the bar."""
        self.losses.append(float(loss))
        self.line = f"{self._title}: step {step} of {steps}, loss {loss:.3f}"
        now = time.monotonic()
        if step == steps or now - self._drawn > self._pause:
            self._drawn = now
            self._show(f'<progress max="{steps}" value="{step}"></progress> {self.line}')

    def _show(self, html):
        from IPython import get_ipython
        from IPython.display import HTML, display

        if get_ipython() is None:
            return
        if self._handle is None:
            self._handle = display(HTML(html), display_id=True)
        else:
            self._handle.update(HTML(html))


def outputs_of(layers, x, forward):
    """Return what each layer makes of `x`.

    Parameters
    ----------
    layers : list of layers
    x : ndarray, shape (N, H, W, C)
    forward : callable
        The student's ``forward_cnn``.

    Returns
    -------
    dict of str to ndarray
        By number and kind of the layer, ``"0 Conv2D"``.
    """
    return {
        f"{i} {type(layer).__name__}": np.asarray(forward(layers[: i + 1], x))
        for i, layer in enumerate(layers)
    }


def statistics(outputs):
    """Tell for each layer how large its outputs are, and how many of them are 0.

    Parameters
    ----------
    outputs : dict of str to ndarray

    Returns
    -------
    str
        A table.

    Examples
    --------
    >>> print(statistics({"0 ReLU": np.array([[0.0, 0.0, 2.0, 2.0]])}))
    layer           shape    mean     std  zeros
    0 ReLU              4    1.00    1.00   50 %
    """
    lines = [f"{'layer':<11}{'shape':>10}{'mean':>8}{'std':>8}{'zeros':>7}"]
    for name, out in outputs.items():
        shape = "x".join(map(str, out.shape[1:]))
        zeros = f"{np.mean(out == 0):.0%}".replace("%", " %")
        lines.append(f"{name:<11}{shape:>10}{out.mean():>8.2f}{out.std():>8.2f}{zeros:>7}")
    return "\n".join(lines)


# --- weights ----------------------------------------------------------------------------------
def _learning(layers):
    return {f"layer{i}": layer for i, layer in enumerate(layers) if hasattr(layer, "get_params")}


def save_weights(path, layers):
    """Write the parameters of a network to a file.

    Parameters
    ----------
    path : Path
        Ends in ``.npz``. What lies there already is kept under a dated name.
    layers : list of layers

    Returns
    -------
    kept : Path or None
        The copy of what was there.
    """
    arrays = {}
    for name, layer in _learning(layers).items():
        arrays[f"{name}_W"], arrays[f"{name}_b"] = layer.get_params()
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = keep(path, datetime.now())
    write_atomically(path, buffer.getvalue())
    return kept


def load_weights(path, layers):
    """Put the parameters from a file into a network.

    Parameters
    ----------
    path : Path
        Written by `save_weights`.
    layers : list of layers
        The same kinds and sizes as those that were saved; changed in place, all or none.

    Raises
    ------
    ValueError
        The file is of another network; the message has both shapes.
    """
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    wanted = {}
    for name, layer in _learning(layers).items():
        wanted[f"{name}_W"], wanted[f"{name}_b"] = layer.get_params()
    for name in sorted(set(arrays) | set(wanted)):
        there, here = (np.shape(each[name]) if name in each else None for each in (arrays, wanted))
        if there != here:
            raise ValueError(
                f"{path}: {name} is {there or 'not there'}, but the network's is "
                f"{here or 'not there'}"
            )
    for name, layer in _learning(layers).items():
        layer.set_params(arrays[f"{name}_W"], arrays[f"{name}_b"])


def weights_file(name):
    """Return where the weights of a network are kept, whatever folder a notebook runs in.

    Parameters
    ----------
    name : str

    Returns
    -------
    Path
        In the course's ``.grader`` folder.
    """
    return Course.find(Path(__file__)).root / ".grader" / "labs" / f"{name}.npz"
