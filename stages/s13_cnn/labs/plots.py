"""The labs' plots. What is signed is drawn orange above 0 and purple below."""

import numpy as np


def _panels(rows, columns, width=1.7, height=1.7):
    """Return a figure and rows of axes without ticks."""
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(width * columns, height * rows),
        squeeze=False,
        layout="constrained",
    )
    for each in axes.flat:
        each.set(xticks=[], yticks=[])
        each.spines[:].set_visible(False)
    return figure, axes


def _draw(axes, image, signed):
    """Draw an image; the few most extreme values do not set the scale for all others."""
    image = np.asarray(image)
    if not signed:
        dark, bright = np.percentile(image, [1, 99])
        return axes.imshow(image, cmap="gray", vmin=dark, vmax=bright)
    largest = np.percentile(np.abs(image), 99.5) or np.abs(image).max() or 1
    return axes.imshow(image, cmap="PuOr_r", vmin=-largest, vmax=largest)


def _show():
    import matplotlib.pyplot as plt

    plt.show()


def show_images(images, signed=False, columns=4, size=2.4):
    """Draw images side by side.

    Parameters
    ----------
    images : dict of str to array_like, shape (H, W)
        By their titles.
    signed : bool
        Whether 0 is a middle, and not an end.
    columns : int
        How many in a row.
    size : float
        Width of each in inches.
    """
    columns = min(columns, len(images))
    shape = np.shape(next(iter(images.values())))
    rows = -(-len(images) // columns)
    _, axes = _panels(rows, columns, size, size * shape[0] / shape[1] + 0.3)
    for (title, image), each in zip(images.items(), axes.flat, strict=False):
        _draw(each, image, signed)
        each.set_title(title, fontsize=11)
    _show()


def show_table(rows):
    """Draw a table of images: the first of each row in grey, the others signed.

    Parameters
    ----------
    rows : dict of str to dict of str to array_like, shape (H, W)
        Images by the names of their row and column.
    """
    columns = list(next(iter(rows.values())))
    _, axes = _panels(len(rows), len(columns), 1.4, 1.5)
    for (name, images), line in zip(rows.items(), axes, strict=True):
        line[0].set_ylabel(name, fontsize=11)
        for title, each in zip(columns, line, strict=True):
            _draw(each, images[title], signed=title != columns[0])
            if line is axes[0] or each in axes[0]:
                each.set_title(title, fontsize=11)
    _show()


def show_digits(images, titles=(), columns=10):
    """Draw digits, ink on paper.

    Parameters
    ----------
    images : ndarray, shape (N, H, W, 1)
    titles : sequence of str
    columns : int
        How many in a row.
    """
    if not len(images):
        print("none")
        return
    rows = -(-len(images) // columns)
    _, axes = _panels(rows, columns, 0.95, 1.2 if titles else 1.0)
    for i, image in enumerate(images):
        axes.flat[i].imshow(image[..., 0], cmap="gray_r")
        if titles:
            axes.flat[i].set_title(titles[i], fontsize=11)
    _show()


def show_curves(losses, trained, tested):
    """Draw the loss of every step, and the accuracy after every epoch.

    Parameters
    ----------
    losses : sequence of float
        One for each step.
    trained, tested : sequence of float
        Accuracies, one for each epoch: while it learnt, and afterwards on unseen digits.
    """
    import matplotlib.pyplot as plt

    _, (left, right) = plt.subplots(1, 2, figsize=(9, 3), layout="constrained")
    left.plot(losses, color="#56b4e9", linewidth=0.8, label="each batch")
    wide = max(1, len(losses) // 25)
    smooth = np.convolve(losses, np.ones(wide) / wide, "valid")
    left.plot(np.arange(wide - 1, len(losses)), smooth, color="#0072b2", label=f"mean of {wide}")
    left.axhline(np.log(10), color="gray", linestyle=":", label="ln 10, knowing nothing")
    left.set(xlabel="step", ylabel="loss", ylim=(0, max(2.5, np.percentile(losses, 99))))
    left.legend(fontsize=9)
    epochs = np.arange(1, len(tested) + 1)
    right.plot(epochs, trained, "o--", color="#e69f00", label="digits it learns from")
    right.plot(epochs, tested, "s-", color="#009e73", label="unseen digits")
    right.set(xlabel="epoch", ylabel="accuracy", xticks=epochs)
    right.legend(fontsize=9)
    _show()


def show_confusion(labels, guesses):
    """Draw how often each digit was read as which.

    Parameters
    ----------
    labels, guesses : ndarray of int, shape (N,)
    """
    import matplotlib.pyplot as plt

    counts = np.bincount(10 * labels + guesses, minlength=100).reshape(10, 10)
    _, axes = plt.subplots(figsize=(4.8, 4.6), layout="constrained")
    # The root makes a single mistake visible beside a hundred right ones.
    axes.imshow(np.sqrt(counts), cmap="Blues")
    for row, column in zip(*np.nonzero(counts), strict=True):
        dark = counts[row, column] > counts.max() / 3
        axes.text(column, row, counts[row, column], ha="center", va="center", fontsize=9,
                  color="white" if dark else "black")  # fmt: skip
    axes.set(xticks=range(10), yticks=range(10), xlabel="read as", ylabel="is")
    _show()


def show_filters(W, columns=8):
    """Draw the filters of a layer, all with one scale; one row for each input channel.

    Parameters
    ----------
    W : ndarray, shape (KH, KW, C_in, C_out)
    columns : int
        How many filters at most.
    """
    *_, C_in, C_out = W.shape
    columns = min(columns, C_out)
    _, axes = _panels(C_in, columns, 1.1, 1.1)
    largest = np.abs(W).max() or 1
    for channel, line in enumerate(axes):
        for f, each in enumerate(line):
            each.imshow(W[:, :, channel, f], cmap="PuOr_r", vmin=-largest, vmax=largest)
            if channel == 0:
                each.set_title(f"filter {f}", fontsize=11)
        line[0].set_ylabel(f"channel {channel}", fontsize=11)
    _show()


def show_maps(outputs, columns=8):
    """Draw what each layer makes of one image, the first channels of it.

    Parameters
    ----------
    outputs : dict of str to ndarray, shape (H, W, C)
        By the name of the layer.
    columns : int
        How many channels at most.
    """
    columns = min(columns, max(each.shape[-1] for each in outputs.values()))
    _, axes = _panels(len(outputs), columns, 1.0, 1.05)
    for (name, maps), line in zip(outputs.items(), axes, strict=True):
        for channel, each in enumerate(line[: maps.shape[-1]]):
            _draw(each, maps[..., channel], signed=True)
        line[0].set_ylabel(name, fontsize=10, rotation=0, ha="right", va="center")
    _show()
