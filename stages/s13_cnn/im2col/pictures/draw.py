"""The pictures of the lesson about im2col and col2im."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from stages.drawing import Canvas


def rows():
    """Draw how two windows become rows, and how one product gives all outputs."""
    x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
    kernel = np.array([[1, 0], [-1, 1]])
    windows = sliding_window_view(x, kernel.shape)
    OH, OW = windows.shape[:2]
    col = windows.reshape(OH * OW, kernel.size)
    out = col @ kernel.reshape(-1, 1)

    chosen = {0: ("window", False), 5: ("other", True)}
    canvas = Canvas(
        716,
        360,
        "Windows become the rows of a matrix",
        f"A {x.shape[0]}x{x.shape[1]} image with two of its {len(col)} windows of "
        f"{kernel.shape[0]}x{kernel.shape[1]} outlined. Each window is one row of the matrix "
        f"col. The matrix times the flattened kernel gives {len(out)} numbers, which are "
        f"the {OH}x{OW} output.",
    )
    size, y = 30, 70
    roles = np.full(x.shape, "input", dtype=object)
    for i, (role, _) in chosen.items():
        sliding_window_view(roles, kernel.shape, writeable=True)[divmod(i, OW)] = role
    image = canvas.grid(24, y, x, roles, size=size, name="image")
    roles = [[chosen[i][0] if i in chosen else "plain"] * kernel.size for i in range(len(col))]
    matrix = canvas.grid(240, y, col, roles, size=size, name="col")
    flat = canvas.grid(404, y, kernel.reshape(-1, 1), "kernel", size=size, name="flat")
    small = canvas.grid(389, flat.box.bottom + 56, kernel, "kernel", size=size, name="kernel")
    column = canvas.grid(486, y, out, "output", size=size, name="product")
    output = canvas.grid(602, y, out.reshape(OH, OW), "output", size=size, name="output")

    def heading(grid, words, note, colour):
        canvas.text(grid.box.centre[0], 26, words, colour=colour, bold=True)
        canvas.text(grid.box.centre[0], 45, note, 12, "note")

    heading(image, "image", f"{x.shape[0]} × {x.shape[1]}", "input")
    heading(matrix, "col", f"{len(col)} windows × {kernel.size} values", "ink")
    heading(flat, "kernel", "flattened", "kernel")
    heading(column, "product", f"{len(out)} × 1", "output")
    heading(output, "output", f"{OH} × {OW}", "output")
    canvas.text(small.box.centre[0], small.box.bottom + 16, "kernel", colour="kernel", bold=True)
    canvas.arrow(small.box.at(0.5, -0.12), flat.box.at(0.5, 1.07), "kernel")
    canvas.text(382, flat.box.centre[1], "@", 15)
    canvas.text(460, flat.box.centre[1], "=", 15)
    canvas.arrow(column.part(1, 0).at(1.3, 0.5), output.part(1, 0).at(-0.35, 0.5), "output")
    canvas.text(559, output.part(1, 0).centre[1] - 12, "reshape", 12, "note")

    for i, (role, dashed) in chosen.items():
        place = divmod(i, OW)
        window, row = image.part(*place, *kernel.shape), matrix.part(i, 0, 1, kernel.size)
        for box in (window, row, column.part(i, 0), output.part(*place)):
            canvas.outline(box, role, dashed=dashed)
        aim = [(198, row.centre[1]), (row.x - 22, row.centre[1])]
        if window.right < image.box.right:  # around the image, not across its numbers
            over = y - 10
            way = [window.at(0.5, 0), (window.centre[0], over), (aim[0][0], over)]
        else:
            way = [window.at(1, 0.5), (aim[0][0], window.centre[1])]
        canvas.route(*way, *aim, colour=role, dashed=dashed)
    for i in range(len(col)):
        role = chosen[i][0] if i in chosen else "note"
        where = matrix.part(i, 0)
        canvas.text(where.x - 9, where.centre[1], f"{i}", 12, role, "right", bold=i in chosen)
    return canvas


def overlaps():
    """Draw how windows of ones add up to the number of windows that each pixel lies in."""
    n, k, p = 4, 3, 1
    inside = np.pad(np.ones((n, n), dtype=bool), p)
    starts = list(np.ndindex(n + 2 * p - k + 1, n + 2 * p - k + 1))
    sums = [np.zeros(inside.shape, dtype=int)]
    for row, column in starts:
        after = sums[-1].copy()
        after[row : row + k, column : column + k] += 1
        sums.append(after)
    counts = sums[-1][p:-p, p:-p]

    canvas = Canvas(
        708,
        282,
        "col2im of ones: overlaps add up",
        f"A {n}x{n} image in a frame of {p}. Each window of {k}x{k} adds ones where it lies: "
        f"after the first window, after the second, after the first row of windows, and after "
        f"all {len(starts)}. Every corner of the image then holds {counts[0, 0]}, every other "
        f"pixel of its edge {counts[0, 1]}, and every pixel in the middle {counts[1, 1]}.",
    )
    size, y = 26, 58
    others = ", ".join(map(str, range(2, n)))
    stops = {1: "window 0", 2: "+ window 1", n: f"+ windows {others}"}
    stops[len(starts)] = f"all {len(starts)} windows"
    for i, (stop, words) in enumerate(stops.items()):
        roles = np.where(inside, "input", "frame")
        values = np.where(sums[stop] > 0, sums[stop], None)
        grid = canvas.grid(
            20 + i * 170, y, values, roles, size=size, dashed=~inside, name=f"after-{stop}"
        )
        canvas.text(grid.box.centre[0], 30, words, bold=True)
        if stop == len(starts):
            canvas.outline(grid.part(p, p, n, n), "input")
        else:
            canvas.outline(grid.part(*starts[stop - 1], k, k), "window")
    told = [
        f"A corner lies in {counts[0, 0]} windows, the rest of the edge in {counts[0, 1]}, "
        f"the middle in {counts[1, 1]}.",
        "What fell on the frame is dropped.",
    ]
    for i, words in enumerate(told):
        canvas.text(354, y + 6 * size + 25 + 20 * i, words)
    return canvas


PICTURES = {"rows": rows, "overlaps": overlaps}
