"""The pictures of the lesson about padding and output size."""

import numpy as np

from stages.drawing import Canvas


def frame():
    """Draw an image, and the same image inside a frame with four different sides."""
    x = np.array([[5, 6, 7], [8, 9, 10]])
    (top, bottom), (left, right) = sides = (1, 2), (3, 4)
    H, W = x.shape
    padded = np.pad(x, sides)
    inside = np.pad(np.ones_like(x, dtype=bool), sides)
    rows, columns = padded.shape

    canvas = Canvas(
        664,
        334,
        "Padding with four different sides",
        f"An image of {H} rows and {W} columns, and beside it the same image padded: "
        f"{top} row of zeros at the top, {bottom} at the bottom, {left} columns on the left "
        f"and {right} on the right make {rows} rows and {columns} columns.",
    )
    size, y = 32, 104
    image = canvas.grid(28, y + top * size, x, "input", size=size, name="image").box
    canvas.text(image.centre[0], image.y - 16, "x", bold=True, colour="input")
    canvas.text(image.centre[0], image.bottom + 18, f"H = {H}, W = {W}", size=12)
    canvas.arrow((image.right + 22, image.centre[1]), (196, image.centre[1]))

    roles = np.where(inside, "input", "frame")
    grid = canvas.grid(218, y, padded, roles, size=size, dashed=~inside, name="padded")
    core = grid.part(top, left, H, W)
    canvas.outline(core, "input")
    canvas.text(grid.box.centre[0], 30, f"pad2d(x, {sides})", bold=True)
    canvas.text(grid.box.centre[0], 50, "((top, bottom), (left, right))", size=12, colour="note")

    y_above, x_beside = grid.box.y - 11, grid.box.right + 13
    canvas.width(grid.box.x, core.x, y_above, f"left {left}", "frame")
    canvas.width(core.x, core.right, y_above, f"W {W}", "input")
    canvas.width(core.right, grid.box.right, y_above, f"right {right}", "frame")
    canvas.height(grid.box.y, core.y, x_beside, f"top {top}", "frame")
    canvas.height(core.y, core.bottom, x_beside, f"H {H}", "input")
    canvas.height(core.bottom, grid.box.bottom, x_beside, f"bottom {bottom}", "frame")

    height = f"H + top + bottom = {H} + {top} + {bottom} = {rows}"
    width = f"W + left + right = {W} + {left} + {right} = {columns}"
    for i, words in enumerate([f"height: {height}", f"width: {width}"]):
        canvas.text(grid.box.x, grid.box.bottom + 24 + 21 * i, words, align="left")
    return canvas


def positions():
    """Draw every position of a window on a row of pixels, and what is left over."""
    n, k, s = 10, 3, 2
    starts = list(range(0, n - k + 1, s))
    seen = starts[-1] + k
    beyond = starts[-1] + s

    canvas = Canvas(
        664,
        372,
        "Counting the positions of a window",
        f"A row of {n} pixels. A window of {k} moves in steps of {s}: it fits at the pixels "
        f"{', '.join(map(str, starts[:-1]))} and {starts[-1]}, so there are {len(starts)} "
        f"positions. One more step would take it over the edge; pixel {seen} is left over.",
    )
    size, row, left, y = 44, 30, 132, 56
    roles = ["input"] * seen + ["frame"] * (n - seen)
    pixels = canvas.grid(
        left, y, [range(n)], [roles], size=(size, row), dashed=[[i >= seen for i in range(n)]]
    )
    canvas.text(
        left - 16, y + row / 2, f"n = {n} pixels", align="right", colour="input", bold=True
    )
    window, rest = pixels.part(0, 0, 1, k), pixels.part(0, k, 1, n - k)
    canvas.width(window.x, window.right, y - 13, f"k = {k}", "window")
    canvas.width(rest.x, rest.right, y - 13, f"n − k = {n - k}: how far it can move")

    for i, start in enumerate(starts):
        top = y + 52 + i * (row + 14)
        x, seen_here = left + start * size, [range(start, start + k)]
        box = canvas.grid(x, top, seen_here, "window", size=(size, row), name="window").box
        canvas.outline(box, "window")
        canvas.text(left - 16, box.centre[1], f"position {i}", align="right")
        if i:
            canvas.width(box.x - s * size, box.x - 2, box.centre[1] + 5, f"s = {s}")
    top = y + 52 + len(starts) * (row + 14)
    covered = [i if i < n else "none" for i in range(beyond, beyond + k)]
    ghost = canvas.grid(
        left + beyond * size, top, [covered], "frame", size=(size, row), dashed=True
    ).box
    canvas.text(
        ghost.x - 12, ghost.centre[1], "over the edge: no position", align="right", colour="note"
    )
    last = pixels.part(0, seen)
    canvas.text(last.right + 10, last.centre[1], "left over", align="left", size=12, colour="note")
    canvas.line((last.right, y), (last.right, ghost.bottom + 4), colour="note", dashed=True)
    formula = f"floor(({n} − {k}) / {s}) + 1 = floor({(n - k) / s:g}) + 1 = {len(starts)}"
    canvas.text(left, ghost.bottom + 32, f"positions = {formula}", align="left", bold=True)
    return canvas


PICTURES = {"frame": frame, "positions": positions}
