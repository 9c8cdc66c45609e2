"""The pictures of the lesson about pooling."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stages.drawing import Canvas, shown

X = np.array([[1, 3, 2, 1], [5, 6, 2, 4], [8, 9, 5, 3], [7, 4, 8, 7]])
K = 2
PLACES = list(np.ndindex(len(X) // K, len(X) // K))

WIDTH, HEIGHT, SIZE = 668, 488, 38
LEFT, RIGHT, ASIDE = 138, 428, 532  # where x, out and what is said about them begin
FORWARD, BACKWARD = 68, 290  # where the two halves of a picture begin
LANE = 11  # how far from the middle of a number an arrow may pass it


def maxima():
    """Draw the largest value of each window, and the gradient's way back to it."""
    out = windows(X).max(axis=(2, 3))
    grad_out = np.array([[10, 20], [30, 40]])
    winners = {}
    for place in PLACES:
        inner = np.unravel_index(windows(X)[place].argmax(), (K, K))
        winners[place] = tuple(int(n) for n in K * np.array(place) + inner)
    grad_x, roles = np.zeros_like(X), np.full(X.shape, "plain", dtype=object)
    for place, winner in winners.items():
        grad_x[winner] += grad_out[place]
        roles[winner] = "gradient"

    canvas = Canvas(
        WIDTH,
        HEIGHT,
        "Max pooling, forward and backward",
        f"Forward: the largest value of each {K}x{K} window of a {len(X)}x{len(X)} image, "
        f"{listed(out)}, with its row and column. Backward: each gradient of {listed(grad_out)} "
        f"goes whole to the pixel that was the largest; all other pixels get 0.",
    )
    image, _ = forward(canvas, np.where(roles == "plain", "input", "window"), out, "max")
    names = [[str(winners[i, j]) for j in range(K)] for i in range(K)]
    indices = canvas.grid(
        ASIDE, FORWARD + SIZE, names, "plain", (54, SIZE), text_size=12, name="indices"
    ).box
    canvas.text(indices.centre[0], indices.y - 18, "indices", bold=True)
    canvas.text(indices.centre[0], indices.bottom + 18, "row and column in x", 11, "note")

    grid, source = backward(canvas, grad_x, roles, grad_out)
    for place, winner in winners.items():
        canvas.outline(image.part(*winner), "window")
        canvas.outline(grid.part(*winner), "gradient")
        flow(canvas, source, place, grid, winner, LANE if place[1] == 0 else -LANE)
    return canvas


def average():
    """Draw the mean of each window, and the equal shares of the gradient."""
    out = windows(X).mean(axis=(2, 3))
    grad_out = np.array([[4, 8], [12, 16]])
    grad_x = np.repeat(np.repeat(grad_out / K**2, K, axis=0), K, axis=1)

    canvas = Canvas(
        WIDTH,
        HEIGHT,
        "Average pooling, forward and backward",
        f"Forward: the mean of each {K}x{K} window of a {len(X)}x{len(X)} image, {listed(out)}. "
        f"Backward: each gradient of {listed(grad_out)} is shared equally, so that every pixel "
        f"of a window gets one of {K * K} parts: {listed(grad_out / K**2)}.",
    )
    place = 0, 1  # the window that is followed
    roles = np.full(X.shape, "input", dtype=object)
    windows(roles)[place] = "window"
    _, result = forward(canvas, roles, out, "mean")
    canvas.outline(result.part(*place), "output")
    terms = " + ".join(map(shown, windows(X)[place].ravel()))
    canvas.text(ASIDE, FORWARD + 1.5 * SIZE - 10, f"({terms}) / {K * K}", 12, "output", "left")
    canvas.text(ASIDE, FORWARD + 1.5 * SIZE + 10, f"= {shown(out[place])}", 12, "output", "left")

    grid, source = backward(canvas, grad_x, "gradient", grad_out)
    canvas.outline(grid.part(K * place[0], K * place[1], K, K), "gradient")
    canvas.outline(source.part(*place), "gradient")
    for inner in np.ndindex(K, K):
        target = K * np.array(place) + inner
        flow(canvas, source, place, grid, target, LANE if inner[1] == 0 else -LANE)
    share = f"{shown(grad_out[place])} / {K * K} = {shown(grad_out[place] / K**2)}"
    canvas.text(ASIDE, BACKWARD + 1.5 * SIZE - 10, share, 12, "gradient", "left")
    canvas.text(ASIDE, BACKWARD + 1.5 * SIZE + 10, "to each pixel", 12, "gradient", "left")
    return canvas


def windows(x):
    """Return the windows of a matrix, which tile it: a view of shape (OH, OW, K, K)."""
    return sliding_window_view(x, (K, K), writeable=True)[::K, ::K]


def listed(values):
    """Return the values of an array in words."""
    *most, last = map(shown, values.ravel())
    return f"{', '.join(most)} and {last}"


def forward(canvas, roles, out, word):
    """Draw the upper half: the image with its windows, and one number for each."""
    image = canvas.grid(LEFT, FORWARD, X, roles, SIZE, name="x")
    result = canvas.grid(RIGHT, FORWARD + SIZE, out, "output", SIZE, name="out", text_size=12)
    outline_windows(canvas, image)
    canvas.text(24, image.box.centre[1], "forward", bold=True, align="left")
    canvas.text(image.box.centre[0], FORWARD - 36, "x", colour="input", bold=True)
    canvas.text(result.box.centre[0], result.box.y - 18, "out", colour="output", bold=True)
    for i in range(len(X)):
        canvas.text(image.part(0, i).centre[0], FORWARD - 14, str(i), 11, "note")
        canvas.text(LEFT - 14, image.part(i, 0).centre[1], str(i), 11, "note")
    start, end, y = image.box.right + 50, RIGHT - 30, image.box.centre[1]
    canvas.arrow((start, y), (end, y), "output")
    canvas.text((start + end) / 2, y - 13, word, colour="output")
    return image, result


def backward(canvas, grad_x, roles, grad_out):
    """Draw the lower half: the gradient that comes in, and the one that is handed on."""
    canvas.line((24, BACKWARD - 46), (WIDTH - 24, BACKWARD - 46), colour="border", width=1)
    grid = canvas.grid(LEFT, BACKWARD, grad_x, roles, SIZE, name="grad_x")
    source = canvas.grid(RIGHT, BACKWARD + SIZE, grad_out, "gradient", SIZE, name="grad_out")
    outline_windows(canvas, grid)
    canvas.text(24, grid.box.centre[1], "backward", bold=True, align="left")
    for part, name, values in ((grid, "grad_x", grad_x), (source, "grad_out", grad_out)):
        x = part.box.centre[0]
        canvas.text(x, BACKWARD - 18, name, colour="gradient", bold=True)
        canvas.text(x, grid.box.bottom + 20, f"sum = {shown(values.sum())}")
    return grid, source


def outline_windows(canvas, grid):
    """Outline every window."""
    for row, column in PLACES:
        canvas.outline(grid.part(K * row, K * column, K, K), "window")


def flow(canvas, source, place, grid, target, lane):
    """Draw the way of a gradient to a pixel, between the numbers that it passes."""
    box, aim = source.part(*place), grid.part(*target)
    turn = source.box.x - 30
    if place[1] == 0:
        way = [box.at(0, 0.5), (turn, box.centre[1])]
    else:  # around the neighbour on the left
        beyond = box.y - 14 if place[0] == 0 else box.bottom + 14
        way = [box.at(0.5, place[0]), (box.centre[0], beyond), (turn, beyond)]
    y = aim.centre[1] + lane
    canvas.route(*way, (grid.box.right + 22, y), (aim.right + 2, y), colour="gradient")


PICTURES = {"maxima": maxima, "average": average}
