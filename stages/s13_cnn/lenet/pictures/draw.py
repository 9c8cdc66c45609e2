"""The pictures of the lesson about LeNet."""

from itertools import pairwise

from stages.drawing import Box, Canvas

# What turns one shape into the next: windows of k at stride s, or a matrix.
CONV, POOL = ("Conv 5×5", 5, 1), ("MaxPool 2", 2, 2)
NETWORK = [(*CONV, 6), (*POOL, None), (*CONV, 16), (*POOL, None)]
DENSE = [120, 84, 10]
INPUT = (32, 32, 1)


def shapes():
    """Draw the output of each layer, with the parameters that the layer has."""
    H, W, C = INPUT
    stations = [("input", (H, W, C), None)]
    for name, k, s, filters in NETWORK:
        H, W = (H - k) // s + 1, (W - k) // s + 1
        parameters = (k * k * C + 1) * filters if filters else None
        C = filters or C
        stations.append((name, (H, W, C), parameters))
    size = H * W * C
    stations.append(("Flatten", (size,), None))
    for wide in DENSE:
        stations.append(("Dense", (wide,), (size + 1) * wide))
        size = wide
    total = sum(parameters or 0 for _, _, parameters in stations)
    told = ", ".join("x".join(map(str, shape)) for _, shape, _ in stations)

    canvas = Canvas(
        716,
        328,
        "LeNet, layer by layer",
        f"The shapes on the way from the image to the ten logits: {told}. "
        f"The layers have {total:,} parameters together.",
    )
    pitch, left, middle = 78, 47, 142
    boxes = [
        solid(canvas, left + i * pitch, middle, *shape) for i, (_, shape, _) in enumerate(stations)
    ]
    for before, after in pairwise(boxes):
        canvas.arrow((before.right + 4, middle), (after.x - 4, middle), "note", width=1)
    for i, (words, shape, parameters) in enumerate(stations):
        x = left + i * pitch
        canvas.text(x, 26, words, 12, "ink" if i else "input", bold=True)
        if words.startswith(("Conv", "Dense")) and i < len(stations) - 1:
            canvas.text(x, 43, "+ ReLU", 11, "note")
        canvas.text(x, 240, "×".join(map(str, shape)), 12, name="shape")
        if parameters:
            canvas.text(x, 268, f"{parameters:,}", 12, "kernel", name="parameters")
    most = max(parameters or 0 for _, _, parameters in stations)
    canvas.text(left, 268, "parameters", 12, "kernel")
    canvas.text(
        358,
        302,
        f"together {total:,} parameters, {most:,} of them in the first dense layer",
        colour="kernel",
        bold=True,
    )
    return canvas


def solid(canvas, x, middle, H, W=None, C=None):
    """Draw an output as a block whose sides are its sizes, or a list of numbers as a bar."""
    if W is None:
        box = Box(x - 5, middle - H * 0.2, 10, H * 0.4)
        canvas.fill(box, "output")
        return box
    role = "input" if (H, W, C) == INPUT else "output"
    across, up = 1.2 * (C - 1), 0.8 * (C - 1)
    wide, high = 1.7 * W, 1.7 * H
    front = Box(x - (wide + across) / 2, middle - (high - up) / 2, wide, high)
    back = Box(front.x + across, front.y - up, wide, high)
    canvas.area(front[:2], back[:2], back.at(1, 0), front.at(1, 0), role=role)
    canvas.area(front.at(1, 0), back.at(1, 0), back.at(1, 1), front.at(1, 1), role=role)
    canvas.fill(front, role)
    return Box(front.x, back.y, wide + across, high + up)


def receptive_field():
    """Draw what one number of each layer can see of the input."""
    r, j = 1, 1
    layers = [("input", 1, r, j, "1", "1")]
    for name, k, s, _ in NETWORK:
        grown = f"{r + (k - 1) * j} = {r} + ({k} − 1) · {j}"
        layers.append((name, k, r + (k - 1) * j, j * s, grown, f"{j * s} = {j} · {s}"))
        _, _, r, j, _, _ = layers[-1]
    seen = r

    canvas = Canvas(
        708,
        420,
        "How the receptive field grows",
        "One row of numbers for each layer of LeNet, the input at the bottom. "
        + ", then ".join(f"{name}: a number sees {r} pixels" for name, _, r, *_ in layers[1:])
        + ". Neighbours in these rows are "
        + ", ".join(str(j) for _, _, _, j, *_ in layers[1:])
        + " pixels apart.",
    )
    size, left, bottom, pitch = 20, 110, 282, 56
    rows = []
    for i, (name, _, r, j, grown, wider) in enumerate(layers):
        role, y = "output" if i else "input", bottom - i * pitch
        starts = [left + (u * j + (r - 1) / 2) * size for u in range((seen - r) // j + 1)]
        rows.append([Box(x + 2, y, size - 4, size - 4) for x in starts])
        for box in rows[-1]:
            canvas.fill(box, role)
        canvas.text(left - 14, y + 8, name, colour=role, bold=True, align="right")
        canvas.text(462, y + 8, grown, align="left", name="field")
        canvas.text(630, y + 8, wider, align="left", name="jump")
    canvas.text(462, 30, "sees r pixels", align="left", bold=True)
    canvas.text(630, 30, "jump j", align="left", bold=True)

    for (lower, upper), (_, k, *_) in zip(pairwise(rows), layers[1:], strict=True):
        canvas.outline(upper[0], "window", width=2)
        for corner, box in ((0, lower[0]), (1, lower[k - 1])):
            canvas.line(upper[0].at(corner, 1), box.at(corner, 0), colour="window", width=1.2)
    for i, (name, _, r, *_) in enumerate(layers[1:]):
        y = bottom + 36 + 22 * i
        canvas.arrow((left, y), (left + r * size, y), "window", width=1.2, both=True)
        canvas.text(462, y, f"r = {r} after {name}", 12, "window", "left")
    return canvas


PICTURES = {"shapes": shapes, "receptive_field": receptive_field}
