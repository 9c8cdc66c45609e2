"""The pictures of the lesson about convolution."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stages.drawing import Canvas, shown

KERNEL = np.array([[1, 0], [-1, 1]])
SIZE = 26
# The middle of each column of the steps.
AT = {"source": 74, "window": 200, "kernel": 290, "products": 380, "sum": 498, "result": 633}


def steps():
    """Draw some steps of a window over an image: window, products, sum, output."""
    x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
    out = correlate(x, KERNEL)
    places = [(0, 0), (0, 1), (1, 0), (2, 2)]

    canvas = Canvas(
        700,
        566,
        "Convolution, step by step",
        f"A window of {KERNEL.shape[0]}x{KERNEL.shape[1]} slides over a "
        f"{x.shape[0]}x{x.shape[1]} image. At each position it is multiplied with the kernel, "
        f"cell by cell, and the products are added up to one cell of the output: "
        f"{', '.join(shown(out[place]) for place in places[:3])}, and at last "
        f"{shown(out[places[3]])}.",
    )
    headings(canvas, 30, ("image", "input"), "kernel", ("output", "output"))
    for i, place in enumerate(places):
        step(canvas, 58 + 126 * i, x, KERNEL, out, place, ("input", "output"))
    return canvas


def gradient():
    """Draw grad_x as the full convolution of grad_out with the kernel turned around."""
    grad_out = np.array([[2, 3], [4, 5]])
    k = len(KERNEL)
    framed = np.pad(grad_out, k - 1)
    turned = KERNEL[::-1, ::-1]
    grad_x = correlate(framed, turned)
    places = [(0, 0), (1, 1), (2, 2)]

    canvas = Canvas(
        700,
        588,
        "grad_x is a full convolution",
        f"The kernel is turned by 180 degrees and slides over grad_out, which lies in a frame "
        f"of zeros, {k - 1} on every side. Each sum of products is one cell of grad_x: "
        f"{', '.join(shown(grad_x[place]) for place in places)} at the places "
        f"{', '.join(map(str, places))}.",
    )
    y = 30
    kernel = canvas.grid(AT["source"] - SIZE, y, KERNEL, "kernel", SIZE, name="W").box
    other = canvas.grid(AT["kernel"] - SIZE, y, turned, "kernel", SIZE, name="turned").box
    canvas.text(kernel.x - 10, kernel.centre[1], "W", colour="kernel", bold=True, align="right")
    canvas.arrow((kernel.right + 16, kernel.centre[1]), (other.x - 12, other.centre[1]), "kernel")
    canvas.text((kernel.right + other.x) / 2, y + SIZE - 12, "turned by 180°", 12, "kernel")

    headings(canvas, y + 84, ("grad_out", "gradient"), "turned", ("grad_x", "gradient"))
    canvas.text(AT["source"], y + 103, f"frame: k − 1 = {k - 1}", 12, "note")
    for i, place in enumerate(places):
        top = y + 124 + 126 * i
        step(canvas, top, framed, turned, grad_x, place, ("gradient", "gradient"), frame=k - 1)

    row, column = places[1]
    met = [
        f"W[{row - i}, {column - j}] for output ({i}, {j})" for i, j in np.ndindex(grad_out.shape)
    ]
    told = [
        f"Why turned? Pixel x[{row}, {column}] lay under {met[0]}, under {met[1]},",
        f"under {met[2]} and under {met[3]}: the kernel from its end.",
    ]
    for i, words in enumerate(told):
        canvas.text(350, y + 515 + 20 * i, words, 12, "note")
    return canvas


def correlate(x, kernel):
    """Return the sums of products of a kernel with every window of a matrix."""
    windows = sliding_window_view(x, kernel.shape)
    return np.sum(windows * kernel, axis=(2, 3))


def headings(canvas, y, source, kernel, result):
    """Write what stands in the columns: of three of them the name and its colour."""
    names = {"source": source, "window": ("window", "window"), "kernel": (kernel, "kernel")}
    names |= {"products": ("products", "ink"), "sum": ("sum", "ink"), "result": result}
    for column, (words, colour) in names.items():
        canvas.text(AT[column], y, words, colour=colour, bold=True)


def step(canvas, y, source, kernel, result, place, roles, frame=0):
    """Draw one step: a window of the source, the products, their sum, and where it goes."""
    (row, column), (KH, KW) = place, kernel.shape
    window = source[row : row + KH, column : column + KW]
    products = window * kernel
    inside = np.pad(np.ones(np.subtract(source.shape, 2 * frame), dtype=bool), frame)
    done = np.arange(result.size).reshape(result.shape) <= row * result.shape[1] + column
    middle = y + len(source) * SIZE / 2

    def array(at, values, role, dashed=False):
        rows, columns = np.shape(values)
        x, top = AT[at] - columns * SIZE / 2, middle - rows * SIZE / 2
        return canvas.grid(x, top, values, role, SIZE, dashed=dashed, name=at)

    image = array("source", source, np.where(inside, roles[0], "frame"), dashed=~inside)
    canvas.outline(image.part(row, column, KH, KW), "window")
    canvas.arrow((136, middle), (164, middle), "window")
    array("window", window, "window")
    canvas.text((AT["window"] + AT["kernel"]) / 2, middle, "×", 15)
    array("kernel", kernel, "kernel")
    canvas.text((AT["kernel"] + AT["products"]) / 2, middle, "=", 15)
    array("products", products, "plain")

    first, *rest = map(shown, products.ravel())
    terms = [first, *(f"({term})" if term.startswith("−") else term for term in rest)]
    canvas.text(AT["sum"], middle - 10, " + ".join(terms), 12, "note")
    canvas.text(AT["sum"], middle + 10, f"= {shown(products.sum())}", bold=True, name="sum")
    canvas.arrow((564, middle), (588, middle), roles[1])
    out = array("result", np.where(done, result, None), np.where(done, roles[1], "plain"))
    canvas.outline(out.part(row, column), roles[1])


PICTURES = {"steps": steps, "gradient": gradient}
