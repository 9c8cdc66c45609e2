"""Known wrong answers of this stage, what they are called, and how a tutor would hint."""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from grader.mistakes import mistake
from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape
from stages.s13_cnn.pooling.pooling import (
    AvgPool2D,
    GlobalAvgPool2D,
    MaxPool2D,
    avg_pool2d_backward,
    avg_pool2d_forward,
    global_avg_pool2d_backward,
    global_avg_pool2d_forward,
    max_pool2d_backward,
    max_pool2d_forward,
)


# --- what the wrong versions have in common, and do right ---------------------------------
def _plan(input_shape, pool_size, stride):
    """Return the window, the stride and the output size."""
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def _windows(x, pool_size, stride):
    """Return every window that fits: shape (N, OH, OW, C, KH, KW)."""
    require_images(x)
    size, (SH, SW), _ = _plan(x.shape, pool_size, stride)
    return sliding_window_view(x, size, axis=(1, 2))[:, ::SH, ::SW]


def _flat_windows(x, pool_size, stride):
    """Return the same with the pixels of a window in one row: (N, OH, OW, C, KH*KW)."""
    windows = _windows(x, pool_size, stride)
    return windows.reshape(*windows.shape[:4], -1)


def _corners(input_shape, pool_size, stride):
    """Return the first row and the first column of every window."""
    _, (SH, SW), (OH, OW) = _plan(input_shape, pool_size, stride)
    return SH * np.arange(OH).reshape(OH, 1, 1), SW * np.arange(OW).reshape(OW, 1)


def _started(x, pool_size, stride, start):
    """Return maxima that run from `start` on, and their indices."""
    windows = _flat_windows(x, pool_size, stride)
    out = np.full(windows.shape[:4], start, dtype=x.dtype)
    winner = np.zeros(out.shape, dtype=int)
    for k in range(windows.shape[4]):
        winner[windows[..., k] > out] = k
        out = np.maximum(out, windows[..., k])
    rows, columns = _corners(x.shape, pool_size, stride)
    row, column = np.divmod(winner, as_pair(pool_size, "pool_size")[1])
    return out, np.stack([rows + row, columns + column], axis=-1)


def _stacked(rows, columns, shape):
    """Return rows and columns as indices, for outputs of this shape."""
    return np.stack([np.broadcast_to(rows, shape), np.broadcast_to(columns, shape)], axis=-1)


def _float_dtype(x):
    return x.dtype if x.dtype.kind == "f" else np.dtype(np.float64)


def _slices(shape, size, step):
    """Yield each place of the window in the output, and its rows and columns in the image."""
    for i, j in np.ndindex(*shape):
        top, left = i * step[0], j * step[1]
        yield i, j, slice(top, top + size[0]), slice(left, left + size[1])


# --- max_pool2d_forward: which windows ----------------------------------------------------
@mistake(
    "max_pool2d_forward",
    name="moves by one pixel if no stride is given",
    hints=(
        "What does stride=None mean, in the docstring and in your code?",
        "The row 2 5 4 3 with a window of 1x2 and no stride has the maxima 5 4; yours are 5 5 4.",
        "Without a stride the windows tile: none of them overlap, and there are no gaps.",
    ),
)
def moves_by_one(x, pool_size, stride=None):
    return max_pool2d_forward(x, pool_size, 1 if stride is None else stride)


@mistake(
    "max_pool2d_forward",
    name="moves by two pixels if no stride is given, whatever the window",
    hints=(
        "With windows of 2x2 you cannot see it. Try windows of 3x3 without a stride.",
        "The row 2 5 4 3 6 7 with a window of 1x3 and no stride has the maxima 5 7; "
        "yours are 5 6.",
        "Without a stride the windows tile: each begins where the one before it ends.",
    ),
)
def moves_by_two(x, pool_size, stride=None):
    return max_pool2d_forward(x, pool_size, 2 if stride is None else stride)


@mistake(
    "max_pool2d_forward",
    name="moves to the right by the height of the window if no stride is given",
    hints=(
        "Square windows hide it. Try a window of (2, 1) without a stride.",
        "A 2x2 image with windows of 2x1 and no stride has 2 maxima, one a column; yours has 1.",
        "Without a stride the step down is KH, and the step to the right is KW.",
    ),
)
def moves_by_the_height(x, pool_size, stride=None):
    KH, _ = as_pair(pool_size, "pool_size")
    return max_pool2d_forward(x, pool_size, KH if stride is None else stride)


@mistake(
    "max_pool2d_forward",
    name="never uses `stride`: its windows always tile",
    hints=(
        "Which argument have you not used yet?",
        "The row 2 5 4 3 with a window of 1x2 and stride 1 has the maxima 5 5 4; yours are 5 4.",
        "The stride alone says where the next window begins, the size where it ends.",
    ),
)
def ignores_stride(x, pool_size, stride=None):
    _plan(x.shape, pool_size, stride)
    return max_pool2d_forward(x, pool_size)


@mistake(
    "max_pool2d_forward",
    name="has no parameter `stride`",
    hints=(
        "Compare your def line with the one that the stub came with.",
        "max_pool2d_forward(x, 2, stride=1) must work; yours ends in a TypeError.",
        "Names, order and defaults of the parameters are part of the task.",
    ),
)
def has_no_stride(x, pool_size):
    return max_pool2d_forward(x, pool_size)


@mistake(
    "max_pool2d_forward",
    name="exchanges the two strides",
    hints=(
        "Equal strides hide it. Try stride (1, 2) on an image of 4x4.",
        "A 4x4 image with a window of 1 and stride (1, 2) has an output of 4x2; yours has 2x4.",
        "Every pair is (height, width): the first number is a step down.",
    ),
)
def exchanges_strides(x, pool_size, stride=None):
    _, (SH, SW), _ = _plan(x.shape, pool_size, stride)
    return max_pool2d_forward(x, pool_size, (SW, SH))


@mistake(
    "max_pool2d_forward",
    name="steps to the right as far as down: one stride for both axes",
    hints=(
        "Equal strides hide it. By how much does your window move to the right?",
        "A 4x4 image with a window of 1 and stride (1, 2) has an output of 4x2; yours has 4x4.",
        "Nothing that belongs to the height decides where a window stands in its row.",
    ),
)
def one_stride_for_both(x, pool_size, stride=None):
    size, (SH, _), _ = _plan(x.shape, pool_size, stride)
    return max_pool2d_forward(x, size, SH)


@mistake(
    "max_pool2d_forward",
    name="exchanges the height and the width of the window",
    hints=(
        "Square windows hide it. Try a window of (1, 2) on a single row.",
        "The rows 2 5 / 4 3 with a window of 2x1 have the maxima 4 5, side by side; yours are 5 "
        "and 4, one above the other.",
        "Every pair is (height, width): a window of (3, 2) has three rows.",
    ),
)
def exchanges_window_sides(x, pool_size, stride=None):
    (KH, KW), step, _ = _plan(x.shape, pool_size, stride)
    return max_pool2d_forward(x, (KW, KH), step[::-1] if stride is None else step)


@mistake(
    "max_pool2d_forward",
    name="takes every window for a square of its height",
    hints=(
        "Which of the two numbers of pool_size does your window's width depend on?",
        "The row 2 5 with a window of 1x2 has the maximum 5; yours has two, 2 and 5.",
        "A window has KH rows and KW columns, and the two may differ.",
    ),
)
def takes_windows_for_squares(x, pool_size, stride=None):
    KH, _ = as_pair(pool_size, "pool_size")
    return max_pool2d_forward(x, KH, stride)


@mistake(
    "max_pool2d_forward",
    name="starts every window at a multiple of the window's size, not of the stride",
    hints=(
        "With windows that tile you cannot see it. Which pixel does output (0, 1) start from?",
        "The row 2 5 4 with a window of 1x2 and stride 1 has the maxima 5 5; yours are 5 4, for "
        "your second window begins at the 4.",
        "Output (oh, ow) looks at the rows from oh * SH and the columns from ow * SW.",
    ),
)
def starts_at_multiples_of_the_size(x, pool_size, stride=None):
    require_images(x)
    size, _, out_size = _plan(x.shape, pool_size, stride)
    out = np.empty((len(x), *out_size, x.shape[3]), dtype=x.dtype)
    winner = np.empty(out.shape, dtype=int)
    for i, j, rows, columns in _slices(out_size, size, size):
        pixels = x[:, rows, columns].transpose(0, 3, 1, 2).reshape(len(x), x.shape[3], -1)
        out[:, i, j], winner[:, i, j] = pixels.max(axis=-1), pixels.argmax(axis=-1)
    rows, columns = _corners(x.shape, pool_size, size)
    row, column = np.divmod(winner, size[1])
    return out, np.stack([rows[: out_size[0]] + row, columns[: out_size[1]] + column], axis=-1)


@mistake(
    "max_pool2d_forward",
    name="counts the windows as H // SH and W // SW",
    hints=(
        "This holds for windows that tile. How many windows of 1x3 fit a row of 4 at stride 1?",
        "The row 2 5 4 with a window of 1x2 and stride 1 has 2 maxima, 5 5; yours has 3, and "
        "the last of its windows is a single pixel.",
        "Every window lies inside the image, all of it: get_output_shape knows how many do.",
    ),
)
def divides_the_image_by_the_stride(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), _ = _plan(x.shape, pool_size, stride)
    N, H, W, C = x.shape
    shape = (N, H // SH, W // SW, C)
    out, indices = np.empty(shape, dtype=x.dtype), np.empty((*shape, 2), dtype=int)
    for n, i, j, c in np.ndindex(shape):
        window = x[n, i * SH : i * SH + KH, j * SW : j * SW + KW, c]
        row, column = np.unravel_index(window.argmax(), window.shape)
        out[n, i, j, c] = window[row, column]
        indices[n, i, j, c] = i * SH + row, j * SW + column
    return out, indices


@mistake(
    "max_pool2d_forward",
    name="keeps the windows that hang over the edge",
    hints=(
        "Try 5x5 pixels with windows of 2x2. What becomes of the last row?",
        "The row 2 5 4 with a window of 1x2 has one maximum, 5; yours has two, 5 and 4.",
        "Rows and columns at the bottom and right that fill no window are left out.",
    ),
)
def keeps_partial_windows(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), _ = _plan(x.shape, pool_size, stride)
    N, H, W, C = x.shape
    shape = (N, -(-(H - KH) // SH) + 1, -(-(W - KW) // SW) + 1, C)
    out, indices = np.empty(shape, dtype=x.dtype), np.empty((*shape, 2), dtype=int)
    for n, i, j, c in np.ndindex(shape):
        window = x[n, i * SH : i * SH + KH, j * SW : j * SW + KW, c]
        row, column = np.unravel_index(window.argmax(), window.shape)
        out[n, i, j, c] = window[row, column]
        indices[n, i, j, c] = i * SH + row, j * SW + column
    return out, indices


@mistake(
    "max_pool2d_forward",
    name="fills windows at the edge up with zeros",
    hints=(
        "Try 5x5 pixels with windows of 2x2. How many rows should come out, and how many do?",
        "The row 2 5 -4 with a window of 1x2 has one maximum, 5; yours has two, 5 and 0.",
        "Pooling adds no pixels: every maximum is a pixel of the image.",
    ),
)
def fills_up_with_zeros(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), _ = _plan(x.shape, pool_size, stride)
    N, H, W, C = x.shape
    frame = ((0, 0), (0, -(H - KH) % SH), (0, -(W - KW) % SW), (0, 0))
    return max_pool2d_forward(np.pad(x, frame), pool_size, stride)


@mistake(
    "max_pool2d_forward",
    name="cuts the image into tiles by a reshape, which leftover pixels spoil",
    hints=(
        "NumPy says which shape your array cannot take. Count its pixels.",
        "The row 2 5 4 with a window of 1x2 has the maximum 5, and the 4 is left over; yours "
        "tries to make 1 window of 2 out of 3 pixels.",
        "Leftover rows and columns have to go before anything is cut into tiles.",
    ),
)
def cuts_into_tiles(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), step, _ = _plan(x.shape, pool_size, stride)
    out, indices = max_pool2d_forward(x, pool_size, stride)
    if step != (KH, KW):
        return out, indices
    N, H, W, C = x.shape
    return x.reshape(N, H // KH, KH, W // KW, KW, C).max(axis=(2, 4)), indices


@mistake(
    "max_pool2d_forward",
    name="lets a window that is larger than the image pass, with an empty result",
    hints=(
        "What should a window do that does not fit even once?",
        "A window of 1x3 on a row of 2 pixels must end in a ValueError that has both numbers; "
        "yours returns an array without entries.",
        "There is at least one window, or there is an error.",
    ),
)
def lets_large_windows_pass(x, pool_size, stride=None):
    require_images(x)
    N, H, W, C = x.shape
    KH, KW = as_pair(pool_size, "pool_size")
    SH, SW = (KH, KW) if stride is None else as_pair(stride, "stride")
    shape = (N, max(0, (H - KH) // SH + 1), max(0, (W - KW) // SW + 1), C)
    if 0 in shape:
        return np.empty(shape, dtype=x.dtype), np.empty((*shape, 2), dtype=int)
    return max_pool2d_forward(x, pool_size, stride)


@mistake(
    "max_pool2d_forward",
    name="lets a stride of 0 count as no stride",
    hints=(
        "What does `stride or pool_size` give for a stride of 0?",
        "A window that moves by 0 never gets on, and must be refused; yours moves by its own "
        "size.",
        "None, and None alone, stands for the size of the window.",
    ),
)
def takes_zero_for_none(x, pool_size, stride=None):
    return max_pool2d_forward(x, pool_size, stride or pool_size)


# --- max_pool2d_forward: the maxima -------------------------------------------------------
@mistake(
    "max_pool2d_forward",
    name="starts its running maximum at 0",
    hints=(
        "Pool an image whose pixels are all negative. What does your maximum start from?",
        "The window -5 -3 has the maximum -3, in column 1; yours is 0, in column 0.",
        "Every maximum is a pixel of its window.",
    ),
)
def starts_at_zero(x, pool_size, stride=None):
    return _started(x, pool_size, stride, start=0)


@mistake(
    "max_pool2d_forward",
    name="starts its running maximum at a number that pixels can be smaller than",
    hints=(
        "Which number does your maximum start from, and how small may a pixel be?",
        "The window -5e30 -3e30 has the maximum -3e30, in column 1; yours is the number that you "
        "start from.",
        "Every maximum is a pixel of its window.",
    ),
)
def starts_at_a_small_number(x, pool_size, stride=None):
    return _started(x, pool_size, stride, start=-1_000_000_000)


@mistake(
    "max_pool2d_forward",
    name="starts its running maximum at minus infinity, which whole numbers cannot hold",
    hints=(
        "Which dtype is the array that you fill with -inf? Try an image of integers.",
        "The window 3 5, as integers, has the maximum 5; yours ends in an OverflowError, since "
        "no integer is infinite.",
        "The maxima have the dtype of x. The first pixel of the window is a good start, too.",
    ),
)
def starts_at_minus_infinity(x, pool_size, stride=None):
    windows = _flat_windows(x, pool_size, stride)
    out = np.empty(windows.shape[:4], dtype=x.dtype)
    out[...] = -np.inf
    for k in range(windows.shape[4]):
        out = np.maximum(out, windows[..., k])
    return out, max_pool2d_forward(x, pool_size, stride)[1]


@mistake(
    "max_pool2d_forward",
    name="writes into x",
    hints=(
        "Compare x before and after the call. A slice is a window onto x, not a copy.",
        "Say x is the row 2 5: after `first = x[:1]; first[...] = 5` the row is 5 5. After "
        "max_pool2d_forward it must still be 2 5.",
        "An argument is never modified.",
    ),
)
def runs_inside_x(x, pool_size, stride=None):
    result = max_pool2d_forward(x, pool_size, stride)
    (KH, KW), (SH, SW), (OH, OW) = _plan(x.shape, pool_size, stride)
    out = x[:, : OH * SH : SH, : OW * SW : SW]
    for i in range(KH):
        for j in range(KW):
            np.maximum(out, x[:, i : i + OH * SH : SH, j : j + OW * SW : SW], out=out)
    return result


@mistake(
    "max_pool2d_forward",
    name="returns a piece of x itself if its windows are single pixels",
    hints=(
        "Your running maximum starts as a slice of x. What if nothing is ever compared with it?",
        "out, indices = max_pool2d_forward(x, 1); out[0, 0, 0, 0] = 9 must leave x as it was; "
        "yours writes 9 into x.",
        "A result never shares memory with an argument.",
    ),
)
def returns_a_piece_of_x(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    size, (SH, SW), _ = _plan(x.shape, pool_size, stride)
    return (x[:, ::SH, ::SW] if size == (1, 1) else out), indices


@mistake(
    "max_pool2d_forward",
    name="takes one maximum over all channels",
    hints=(
        "How many numbers does your maximum choose from? A window has KH * KW pixels.",
        "A window of one pixel with the channels 2 and 7 has the maxima 2 and 7; yours has 7 "
        "and 7.",
        "Each channel is pooled by itself: exchanging two channels of x exchanges them in out.",
    ),
)
def mixes_channels(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    best = out.argmax(axis=3)[..., None]
    indices = np.take_along_axis(indices, best[..., None], axis=3)
    largest = np.take_along_axis(out, best, axis=3)
    C = x.shape[3]
    return np.repeat(largest, C, axis=3), np.repeat(indices, C, axis=3)


@mistake(
    "max_pool2d_forward",
    name="takes one maximum over all images of the batch",
    hints=(
        "How many numbers does your maximum choose from? A window has KH * KW pixels.",
        "Two images of one pixel, 2 and 7, have the maxima 2 and 7; yours has 7 and 7.",
        "Each image is pooled by itself: its result does not depend on its neighbours.",
    ),
)
def mixes_images(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    best = out.argmax(axis=0)[None]
    indices = np.take_along_axis(indices, best[..., None], axis=0)
    largest = np.take_along_axis(out, best, axis=0)
    return np.repeat(largest, len(x), axis=0), np.repeat(indices, len(x), axis=0)


@mistake(
    "max_pool2d_forward",
    name="pools the first image only",
    hints=(
        "Which index does the first axis of x have in your code?",
        "Two images of one pixel, 2 and 7, have the maxima 2 and 7; yours has 2 and 0.",
        "Every image of the batch is treated alike.",
    ),
)
def pools_the_first_image(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    out[1:], indices[1:] = 0, 0
    return out, indices


@mistake(
    "max_pool2d_forward",
    name="pools width and channels: it takes x for (N, C, H, W)",
    hints=(
        "Read x.shape aloud and say what each number counts. Where do H and W stand?",
        "A 2x2 image with 2 channels, shape (1, 2, 2, 2), and a window of 2x1 must give the "
        "shape (1, 1, 2, 2); yours gives (1, 2, 1, 2).",
        "The layout is (N, H, W, C): there are as many channels after pooling as before.",
    ),
)
def pools_width_and_channels(x, pool_size, stride=None):
    require_images(x)
    out, indices = max_pool2d_forward(x.transpose(0, 2, 3, 1), pool_size, stride)
    return out.transpose(0, 3, 1, 2), indices.transpose(0, 3, 1, 2, 4)


@mistake(
    "max_pool2d_forward",
    name="returns float64 whatever x is",
    hints=(
        "Print the dtype of the result for a float32 image. Which line decided it?",
        "The maximum of float32 pixels must be float32; yours is float64.",
        "A maximum is one of the pixels of x, and has their dtype.",
    ),
)
def maxima_in_float64(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    return out.astype(np.float64), indices


@mistake(
    "max_pool2d_forward",
    name="returns the maxima without their indices",
    hints=(
        "What does the docstring promise under Returns, and how many things do you return?",
        "`out, indices = max_pool2d_forward(x, 2)` must work for any image; with yours there is "
        "nothing to put into `indices`.",
        "The result is a tuple of two arrays, out first.",
    ),
)
def returns_maxima_alone(x, pool_size, stride=None):
    return max_pool2d_forward(x, pool_size, stride)[0]


@mistake(
    "max_pool2d_forward",
    name="returns the indices before the maxima",
    hints=(
        "Compare your last line with the order under Returns in the docstring.",
        "A single pixel 5 must give out = 5 and indices = (0, 0), in this order; yours gives "
        "them the other way round.",
        "The result is a tuple of two arrays, out first.",
    ),
)
def returns_indices_first(x, pool_size, stride=None):
    return max_pool2d_forward(x, pool_size, stride)[::-1]


# --- max_pool2d_forward: the indices ------------------------------------------------------
@mistake(
    "max_pool2d_forward",
    name="counts rows and columns inside the window instead of in x",
    hints=(
        "All your indices are smaller than the window. Where in x does each window begin?",
        "The row 2 5 4 7 with a window of 1x2 has its maxima in the columns 1 and 3; yours says "
        "1 and 1.",
        "x[n, row, column, c] is the maximum, for every index that you return.",
    ),
)
def counts_inside_the_window(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    rows, columns = _corners(x.shape, pool_size, stride)
    return out, indices - _stacked(rows, columns, out.shape)


@mistake(
    "max_pool2d_forward",
    name="divides the place inside the window by its height, not by its width",
    hints=(
        "Square windows hide it. Write the places 0 to 5 into a window of 3x2. Where is 3?",
        "The rows 2 3 / 7 4 / 5 6 as one window of 3x2: the 7 stands at (1, 0); yours says "
        "(0, 2).",
        "In reading order a new row begins after as many places as a row has columns.",
    ),
)
def divides_by_the_height(x, pool_size, stride=None):
    windows = _flat_windows(x, pool_size, stride)
    rows, columns = _corners(x.shape, pool_size, stride)
    row, column = np.divmod(windows.argmax(axis=-1), as_pair(pool_size, "pool_size")[0])
    return windows.max(axis=-1), np.stack([rows + row, columns + column], axis=-1)


@mistake(
    "max_pool2d_forward",
    name="returns (column, row) instead of (row, column)",
    hints=(
        "Which of the two numbers do you write first?",
        "The row 2 5 with a window of 1x2 has its maximum at (0, 1); yours says (1, 0).",
        "x[n, row, column, c] is the maximum, for every index that you return.",
    ),
)
def returns_columns_first(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    return out, indices[..., ::-1]


@mistake(
    "max_pool2d_forward",
    name="adds the number of the window instead of its first row and column",
    hints=(
        "At stride 1 you cannot see it. In which column does the second window begin?",
        "The row 2 5 4 7 with a window of 1x2 has its maxima in the columns 1 and 3; yours says "
        "1 and 2.",
        "x[n, row, column, c] is the maximum, for every index that you return.",
    ),
)
def forgets_the_stride_in_indices(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    rows, columns = _corners(x.shape, pool_size, stride)
    _, (SH, SW), _ = _plan(x.shape, pool_size, stride)
    moved = indices - _stacked(rows, columns, out.shape)
    return out, moved + _stacked(rows // SH, columns // SW, out.shape)


@mistake(
    "max_pool2d_forward",
    name="returns one flat number for each maximum, not a row and a column",
    hints=(
        "What is the last axis of `indices` in the docstring, and how long is it?",
        "The rows 2 3 / 4 9 as one window have their maximum at (1, 1); yours says 3.",
        "Each maximum has two indices: out.shape, and a last axis of 2.",
    ),
)
def returns_flat_indices(x, pool_size, stride=None):
    windows = _flat_windows(x, pool_size, stride)
    return windows.max(axis=-1), windows.argmax(axis=-1)


@mistake(
    "max_pool2d_forward",
    name="takes the last of several equal maxima",
    hints=(
        "What happens in your code when a pixel is as large as the best one so far?",
        "The window 7 7 has its maximum in column 0; yours says 1.",
        "Of several largest pixels the first in reading order counts.",
    ),
)
def takes_the_last_of_equals(x, pool_size, stride=None):
    windows = _flat_windows(x, pool_size, stride)
    last = windows.shape[4] - 1 - windows[..., ::-1].argmax(axis=-1)
    rows, columns = _corners(x.shape, pool_size, stride)
    row, column = np.divmod(last, as_pair(pool_size, "pool_size")[1])
    return windows.max(axis=-1), np.stack([rows + row, columns + column], axis=-1)


@mistake(
    "max_pool2d_forward",
    name="reads its windows column by column",
    hints=(
        "Where pixels differ you cannot see it. Which of your two loops is the inner one?",
        "The rows 2 7 / 7 3 as one window: both 7 are the largest, and the first in reading "
        "order is at (0, 1); yours says (1, 0).",
        "Reading order: the whole first row, then the whole second row.",
    ),
)
def reads_column_by_column(x, pool_size, stride=None):
    windows = np.swapaxes(_windows(x, pool_size, stride), 4, 5)
    flat = windows.reshape(*windows.shape[:4], -1)
    rows, columns = _corners(x.shape, pool_size, stride)
    column, row = np.divmod(flat.argmax(axis=-1), as_pair(pool_size, "pool_size")[0])
    return flat.max(axis=-1), np.stack([rows + row, columns + column], axis=-1)


@mistake(
    "max_pool2d_forward",
    name="looks for each maximum in the whole image instead of in its window",
    hints=(
        "What does your code compare the maximum with? Where a value occurs twice in an image, "
        "which place does it find?",
        "The row 7 2 3 7 with a window of 1x2 has its maxima in the columns 0 and 3; yours says "
        "0 and 0.",
        "The maximum of a window stands inside that window.",
    ),
)
def searches_the_whole_image(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    for n, i, j, c in np.ndindex(out.shape):
        indices[n, i, j, c] = np.argwhere(x[n, :, :, c] == out[n, i, j, c])[0]
    return out, indices


@mistake(
    "max_pool2d_forward",
    name="returns its indices as floats",
    hints=(
        "Which dtype does np.zeros make if you do not say?",
        "The row 2 5 with a window of 1x2 has its maximum in column 1; yours says 1.0, which "
        "NumPy does not take as an index.",
        "An index is a whole number, and its array has a dtype of integers.",
    ),
)
def returns_float_indices(x, pool_size, stride=None):
    out, indices = max_pool2d_forward(x, pool_size, stride)
    return out, indices.astype(np.float64)


# --- max_pool2d_backward ------------------------------------------------------------------
def _accept(grad_out, input_shape, pool_size, stride, indices=None):
    """Refuse gradients of a wrong shape; return the window, the stride and the output size."""
    size, step, (OH, OW) = _plan(input_shape, pool_size, stride)
    shape = (input_shape[0], OH, OW, input_shape[3])
    if grad_out.shape != shape or (indices is not None and indices.shape != (*shape, 2)):
        raise ValueError(f"grad_out must be {shape}, not {grad_out.shape}")
    return size, step, (OH, OW)


def _winners(indices):
    """Return where the maxima are, as NumPy takes it for an index of x."""
    N, _, _, C, _ = indices.shape
    images = np.arange(N).reshape(N, 1, 1, 1)
    return images, indices[..., 0], indices[..., 1], np.arange(C)


@mistake(
    "max_pool2d_backward",
    name="writes each gradient over the one before, where one pixel wins twice",
    hints=(
        "Where windows tile you cannot see it. What if two windows have the same maximum?",
        "The row 2 9 3 with a window of 1x2 and stride 1: the 9 wins twice. Gradients of 10 and "
        "20 must give it 30; yours gives it 20.",
        "No gradient is lost: sum(grad_x) equals sum(grad_out).",
    ),
    same_as=("trusts-plus-equals",),
)
def writes_over_gradients(grad_out, indices, input_shape, pool_size, stride=None):
    _accept(grad_out, input_shape, pool_size, stride, indices)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for n, i, j, c in np.ndindex(grad_out.shape):
        row, column = indices[n, i, j, c]
        grad_x[n, row, column, c] = grad_out[n, i, j, c]
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="trusts `+=` with an index that repeats: NumPy then adds only the last gradient",
    hints=(
        "Where windows tile you cannot see it. Try a = np.zeros(1); a[[0, 0]] += 1; print(a).",
        "The row 2 9 3 with a window of 1x2 and stride 1: the 9 wins twice. Gradients of 10 and "
        "20 must give it 30; yours gives it 20.",
        "No gradient is lost: sum(grad_x) equals sum(grad_out).",
    ),
    same_as=("writes-over-gradients",),
)
def trusts_plus_equals(grad_out, indices, input_shape, pool_size, stride=None):
    _accept(grad_out, input_shape, pool_size, stride, indices)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    grad_x[_winners(indices)] += grad_out
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="marks all maxima in one mask, and pays every marked pixel of a window",
    hints=(
        "Where windows tile you cannot see it. Whose maximum does a marked pixel have to be?",
        "The row 4 5 6 with a window of 1x2 and stride 1 has the maxima 5 and 6, and the second "
        "window holds both. Gradients of 10 and 20 must give 0 10 20; yours gives 0 30 20.",
        "No gradient is made: sum(grad_x) equals sum(grad_out).",
    ),
)
def uses_one_mask(grad_out, indices, input_shape, pool_size, stride=None):
    size, step, out_size = _accept(grad_out, input_shape, pool_size, stride, indices)
    mask = np.zeros(input_shape, dtype=bool)
    mask[_winners(indices)] = True
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for i, j, rows, columns in _slices(out_size, size, step):
        grad_x[:, rows, columns] += mask[:, rows, columns] * grad_out[:, i : i + 1, j : j + 1]
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="gives every pixel of a window its whole gradient",
    hints=(
        "What happens to the maximum if you raise one of the smaller pixels a little?",
        "The window 2 5 with a gradient of 10 must give 0 10; yours gives 10 10.",
        "A pixel that won in no window has a gradient of 0.",
    ),
)
def pays_the_whole_window(grad_out, indices, input_shape, pool_size, stride=None):
    size, step, out_size = _accept(grad_out, input_shape, pool_size, stride, indices)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for i, j, rows, columns in _slices(out_size, size, step):
        grad_x[:, rows, columns] += grad_out[:, i : i + 1, j : j + 1]
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="shares the gradient as average pooling does",
    hints=(
        "What happens to the maximum if you raise one of the smaller pixels a little?",
        "The window 2 5 with a gradient of 10 must give 0 10; yours gives 5 5.",
        "A pixel that won in no window has a gradient of 0.",
    ),
)
def shares_like_the_mean(grad_out, indices, input_shape, pool_size, stride=None):
    _accept(grad_out, input_shape, pool_size, stride, indices)
    return avg_pool2d_backward(grad_out, input_shape, pool_size, stride)


@mistake(
    "max_pool2d_backward",
    name="divides the gradient by the number of pixels in the window",
    hints=(
        "By how much does the maximum grow if its pixel grows by 1?",
        "The window 2 5 with a gradient of 10 must give 0 10; yours gives 0 5.",
        "No gradient is lost: sum(grad_x) equals sum(grad_out).",
    ),
)
def divides_the_gradient(grad_out, indices, input_shape, pool_size, stride=None):
    KH, KW = as_pair(pool_size, "pool_size")
    return max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride) / (KH * KW)


@mistake(
    "max_pool2d_backward",
    name="puts a 1 where the gradient belongs",
    hints=(
        "Which argument have you not used yet?",
        "The window 2 5 with a gradient of 10 must give 0 10; yours gives 0 1.",
        "Twice the grad_out, twice the grad_x.",
    ),
)
def pays_ones(grad_out, indices, input_shape, pool_size, stride=None):
    ones = np.ones_like(grad_out)
    return max_pool2d_backward(ones, indices, input_shape, pool_size, stride)


@mistake(
    "max_pool2d_backward",
    name="sends the gradients of all channels to channel 0",
    hints=(
        "Which index does the last axis of grad_x have in your code?",
        "One pixel with two channels, gradients 10 and 20, must give 10 and 20; yours gives 30 "
        "and 0.",
        "Each channel by itself: sum(grad_x[..., c]) equals sum(grad_out[..., c]).",
    ),
)
def sends_all_to_the_first_channel(grad_out, indices, input_shape, pool_size, stride=None):
    grad_x = max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride) * 0
    for n, i, j, c in np.ndindex(grad_out.shape):
        row, column = indices[n, i, j, c]
        grad_x[n, row, column, 0] += grad_out[n, i, j, c]
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="sends the gradients of all images to the first one",
    hints=(
        "Which index does the first axis of grad_x have in your code?",
        "Two images of one pixel, gradients 10 and 20, must give 10 and 20; yours gives 30 and 0.",
        "Each image by itself: sum(grad_x[n]) equals sum(grad_out[n]).",
    ),
)
def sends_all_to_the_first_image(grad_out, indices, input_shape, pool_size, stride=None):
    grad_x = max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride) * 0
    for n, i, j, c in np.ndindex(grad_out.shape):
        row, column = indices[n, i, j, c]
        grad_x[0, row, column, c] += grad_out[n, i, j, c]
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="reads the indices as (column, row)",
    hints=(
        "Which of the two numbers in indices[n, oh, ow, c] is the row?",
        "The rows 2 9 / 3 4 as one window have their maximum at (0, 1). A gradient of 10 must "
        "go to the 9; yours goes to the 3.",
        "x[n, row, column, c] was the maximum; grad_x gets its gradient at the same place.",
    ),
)
def reads_columns_first(grad_out, indices, input_shape, pool_size, stride=None):
    _accept(grad_out, input_shape, pool_size, stride, indices)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    np.add.at(grad_x, _winners(indices[..., ::-1]), grad_out)
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="takes the indices for places inside the window, and adds the window's place to them",
    hints=(
        "Are the numbers in `indices` smaller than the window, or do they reach as far as x?",
        "The row 2 5 7 4 with a window of 1x2 has its maxima in the columns 1 and 2. The second "
        "window begins at column 2, and yours looks for a column 2 + 2 = 4.",
        "x[n, row, column, c] was the maximum; grad_x gets its gradient at the same place.",
    ),
)
def adds_the_window_to_indices(grad_out, indices, input_shape, pool_size, stride=None):
    _accept(grad_out, input_shape, pool_size, stride, indices)
    corners = _corners(input_shape, pool_size, stride)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    np.add.at(grad_x, _winners(indices + _stacked(*corners, grad_out.shape)), grad_out)
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="forgets the pixels that were left over",
    hints=(
        "Compare grad_x.shape with input_shape, for an image that the windows do not fill.",
        "The row 2 5 4 with a window of 1x2 and a gradient of 10 must give 0 10 0; yours gives "
        "0 10, a pixel too few.",
        "grad_x has the shape of x: every pixel has a gradient, be it 0.",
    ),
)
def forgets_leftover_pixels(grad_out, indices, input_shape, pool_size, stride=None):
    (KH, KW), _, (OH, OW) = _accept(grad_out, input_shape, pool_size, stride, indices)
    grad_x = np.zeros((len(grad_out), OH * KH, OW * KW, input_shape[3]), dtype=grad_out.dtype)
    np.add.at(grad_x, _winners(indices), grad_out)
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="returns float64 whatever grad_out is",
    hints=(
        "Print the dtype of the result for a float32 gradient. Which line decided it?",
        "A float32 gradient of 10 must come back as a float32 10; yours is a float64.",
        "float32 in, float32 out.",
    ),
)
def max_gradient_in_float64(grad_out, indices, input_shape, pool_size, stride=None):
    grad_x = max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride)
    return grad_x.astype(np.float64)


@mistake(
    "max_pool2d_backward",
    name="accepts a gradient that does not belong to these windows",
    hints=(
        "What does the docstring say under Raises?",
        "A row of 4 pixels and windows of 1x2 have 2 outputs. A gradient for 1 output must end "
        "in a ValueError; yours comes back as if nothing were wrong.",
        "grad_out has one entry for each output, no fewer and no more.",
    ),
)
def accepts_any_max_gradient(grad_out, indices, input_shape, pool_size, stride=None):
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    np.add.at(grad_x, _winners(indices), grad_out)
    return grad_x


@mistake(
    "max_pool2d_backward",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "The window 2 5 with a gradient of 10 must give 0 10; yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def max_gradient_without_return(grad_out, indices, input_shape, pool_size, stride=None):
    max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride)


# --- avg_pool2d_forward: which windows ----------------------------------------------------
@mistake(
    "avg_pool2d_forward",
    name="moves by one pixel if no stride is given",
    hints=(
        "What does stride=None mean, in the docstring and in your code?",
        "The row 2 4 6 8 with a window of 1x2 and no stride has the means 3 7; yours are 3 5 7.",
        "Without a stride the windows tile: none of them overlap, and there are no gaps.",
    ),
)
def averages_move_by_one(x, pool_size, stride=None):
    return avg_pool2d_forward(x, pool_size, 1 if stride is None else stride)


@mistake(
    "avg_pool2d_forward",
    name="moves by two pixels if no stride is given, whatever the window",
    hints=(
        "With windows of 2x2 you cannot see it. Try windows of 3x3 without a stride.",
        "The row 2 4 6 8 1 9 with a window of 1x3 and no stride has the means 4 6; yours are 4 5.",
        "Without a stride the windows tile: each begins where the one before it ends.",
    ),
)
def averages_move_by_two(x, pool_size, stride=None):
    return avg_pool2d_forward(x, pool_size, 2 if stride is None else stride)


@mistake(
    "avg_pool2d_forward",
    name="never uses `stride`: its windows always tile",
    hints=(
        "Which argument have you not used yet?",
        "The row 2 4 6 8 with a window of 1x2 and stride 1 has the means 3 5 7; yours are 3 7.",
        "The stride alone says where the next window begins, the size where it ends.",
    ),
)
def averages_ignore_stride(x, pool_size, stride=None):
    _plan(x.shape, pool_size, stride)
    return avg_pool2d_forward(x, pool_size)


@mistake(
    "avg_pool2d_forward",
    name="exchanges the two strides",
    hints=(
        "Equal strides hide it. Try stride (1, 2) on an image of 4x4.",
        "A 4x4 image with a window of 1 and stride (1, 2) has an output of 4x2; yours has 2x4.",
        "Every pair is (height, width): the first number is a step down.",
    ),
)
def averages_exchange_strides(x, pool_size, stride=None):
    _, (SH, SW), _ = _plan(x.shape, pool_size, stride)
    return avg_pool2d_forward(x, pool_size, (SW, SH))


@mistake(
    "avg_pool2d_forward",
    name="exchanges the height and the width of the window",
    hints=(
        "Square windows hide it. Try a window of (1, 2) on a single row.",
        "The rows 2 4 / 6 8 with a window of 2x1 have the means 4 6, side by side; yours are 3 "
        "and 7, one above the other.",
        "Every pair is (height, width): a window of (3, 2) has three rows.",
    ),
)
def averages_exchange_window_sides(x, pool_size, stride=None):
    (KH, KW), step, _ = _plan(x.shape, pool_size, stride)
    return avg_pool2d_forward(x, (KW, KH), step[::-1] if stride is None else step)


@mistake(
    "avg_pool2d_forward",
    name="takes every window for a square of its height",
    hints=(
        "Which of the two numbers of pool_size does your window's width depend on?",
        "The row 2 4 with a window of 1x2 has the mean 3; yours has two, 2 and 4.",
        "A window has KH rows and KW columns, and the two may differ.",
    ),
)
def averages_take_windows_for_squares(x, pool_size, stride=None):
    KH, _ = as_pair(pool_size, "pool_size")
    return avg_pool2d_forward(x, KH, stride)


@mistake(
    "avg_pool2d_forward",
    name="averages the windows that hang over the edge as well",
    hints=(
        "Try 5x5 pixels with windows of 2x2. What becomes of the last row?",
        "The row 2 4 6 with a window of 1x2 has one mean, 3; yours has two, 3 and 6.",
        "Rows and columns at the bottom and right that fill no window are left out.",
    ),
)
def averages_partial_windows(x, pool_size, stride=None):
    require_images(x)
    size, (SH, SW), _ = _plan(x.shape, pool_size, stride)
    N, H, W, C = x.shape
    OH, OW = -(-(H - size[0]) // SH) + 1, -(-(W - size[1]) // SW) + 1
    out = np.empty((N, OH, OW, C), dtype=_float_dtype(x))
    for i, j, rows, columns in _slices((OH, OW), size, (SH, SW)):
        out[:, i, j] = x[:, rows, columns].mean(axis=(1, 2))
    return out


@mistake(
    "avg_pool2d_forward",
    name="fills windows at the edge up with zeros",
    hints=(
        "Try 5x5 pixels with windows of 2x2. How many rows should come out, and how many do?",
        "The row 2 4 6 with a window of 1x2 has one mean, 3; yours has two, 3 and 3.",
        "Pooling adds no pixels: rows and columns that fill no window are left out.",
    ),
)
def averages_fill_up_with_zeros(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), (SH, SW), _ = _plan(x.shape, pool_size, stride)
    N, H, W, C = x.shape
    frame = ((0, 0), (0, -(H - KH) % SH), (0, -(W - KW) % SW), (0, 0))
    return avg_pool2d_forward(np.pad(x, frame), pool_size, stride)


@mistake(
    "avg_pool2d_forward",
    name="cuts the image into tiles by a reshape, which leftover pixels spoil",
    hints=(
        "NumPy says which shape your array cannot take. Count its pixels.",
        "The row 2 4 6 with a window of 1x2 has the mean 3, and the 6 is left over; yours tries "
        "to make 1 window of 2 out of 3 pixels.",
        "Leftover rows and columns have to go before anything is cut into tiles.",
    ),
)
def averages_cut_into_tiles(x, pool_size, stride=None):
    require_images(x)
    (KH, KW), step, _ = _plan(x.shape, pool_size, stride)
    if step != (KH, KW):
        return avg_pool2d_forward(x, pool_size, stride)
    N, H, W, C = x.shape
    return x.reshape(N, H // KH, KH, W // KW, KW, C).mean(axis=(2, 4))


@mistake(
    "avg_pool2d_forward",
    name="lets a window that is larger than the image pass, with an empty result",
    hints=(
        "What should a window do that does not fit even once?",
        "A window of 1x3 on a row of 2 pixels must end in a ValueError that has both numbers; "
        "yours returns an array without entries.",
        "There is at least one window, or there is an error.",
    ),
)
def averages_let_large_windows_pass(x, pool_size, stride=None):
    require_images(x)
    N, H, W, C = x.shape
    KH, KW = as_pair(pool_size, "pool_size")
    SH, SW = (KH, KW) if stride is None else as_pair(stride, "stride")
    shape = (N, max(0, (H - KH) // SH + 1), max(0, (W - KW) // SW + 1), C)
    if 0 in shape:
        return np.empty(shape, dtype=_float_dtype(x))
    return avg_pool2d_forward(x, pool_size, stride)


# --- avg_pool2d_forward: the means --------------------------------------------------------
@mistake(
    "avg_pool2d_forward",
    name="takes one mean over all channels",
    hints=(
        "Which axes vanish in your mean, and which does the docstring keep?",
        "A window of one pixel with the channels 2 and 8 has the means 2 and 8; yours has 5 and "
        "5.",
        "Each channel is pooled by itself: exchanging two channels of x exchanges them in out.",
    ),
)
def averages_channels_too(x, pool_size, stride=None):
    out = avg_pool2d_forward(x, pool_size, stride)
    return np.repeat(out.mean(axis=3, keepdims=True), x.shape[3], axis=3)


@mistake(
    "avg_pool2d_forward",
    name="takes one mean over all images of the batch",
    hints=(
        "Which axes vanish in your mean, and which does the docstring keep?",
        "Two images of one pixel, 2 and 8, have the means 2 and 8; yours has 5 and 5.",
        "Each image is pooled by itself: its result does not depend on its neighbours.",
    ),
)
def averages_images_too(x, pool_size, stride=None):
    out = avg_pool2d_forward(x, pool_size, stride)
    return np.repeat(out.mean(axis=0, keepdims=True), len(x), axis=0)


@mistake(
    "avg_pool2d_forward",
    name="divides by the square of the window's height",
    hints=(
        "Square windows hide it. How many pixels does a window of 1x2 have?",
        "The row 2 4 with a window of 1x2 has the mean 3; yours is 6.",
        "A mean of equal pixels is that pixel, whatever the window.",
    ),
)
def averages_by_height_squared(x, pool_size, stride=None):
    KH, KW = as_pair(pool_size, "pool_size")
    return avg_pool2d_forward(x, pool_size, stride) * (KH * KW) / (KH * KH)


@mistake(
    "avg_pool2d_forward",
    name="adds up the window and does not divide",
    hints=(
        "What makes a mean out of a sum?",
        "The row 2 4 with a window of 1x2 has the mean 3; yours is 6.",
        "A mean lies between the smallest and the largest of its numbers.",
    ),
)
def adds_without_dividing(x, pool_size, stride=None):
    KH, KW = as_pair(pool_size, "pool_size")
    return avg_pool2d_forward(x, pool_size, stride) * (KH * KW)


@mistake(
    "avg_pool2d_forward",
    name="divides with `//`, which rounds down",
    hints=(
        "Which of the two division signs of Python did you use?",
        "The row 2 3 with a window of 1x2 has the mean 2.5; yours is 2.",
        "The mean, times the number of pixels, is their sum again.",
    ),
)
def rounds_means_down(x, pool_size, stride=None):
    return np.floor(avg_pool2d_forward(x, pool_size, stride))


@mistake(
    "avg_pool2d_forward",
    name="writes means of whole numbers into an array of whole numbers",
    hints=(
        "Which dtype is the array that you fill? Try an image of integers.",
        "The row 2 3, as integers, with a window of 1x2 has the mean 2.5; yours is 2.",
        "Means of integers are float64.",
    ),
)
def averages_in_the_dtype_of_x(x, pool_size, stride=None):
    return avg_pool2d_forward(x, pool_size, stride).astype(x.dtype)


@mistake(
    "avg_pool2d_forward",
    name="adds small integers in their own dtype, where the sum does not fit",
    hints=(
        "What is the largest number that a uint8 can hold, and what is one more than that?",
        "The row 200 100, as uint8, with a window of 1x2 has the mean 150; yours is 22, since "
        "300 becomes 44.",
        "A mean lies between the smallest and the largest of its numbers.",
    ),
)
def sums_overflow(x, pool_size, stride=None):
    windows = _flat_windows(x, pool_size, stride)
    return windows.sum(axis=-1, dtype=x.dtype) / windows.dtype.type(windows.shape[-1])


@mistake(
    "avg_pool2d_forward",
    name="returns float64 whatever x is",
    hints=(
        "Print the dtype of the result for a float32 image. Which line decided it?",
        "The mean of float32 pixels must be float32; yours is float64.",
        "float32 in, float32 out; float64 is for float64 and for integers.",
    ),
)
def averages_in_float64(x, pool_size, stride=None):
    return avg_pool2d_forward(x, pool_size, stride).astype(np.float64)


@mistake(
    "avg_pool2d_forward",
    name="takes the maximum, as max_pool2d_forward does",
    hints=(
        "Was this function copied from the one for maxima? What is still the same?",
        "The row 2 4 with a window of 1x2 has the mean 3; yours is 4.",
        "The mean changes with every pixel of its window.",
    ),
)
def takes_the_maximum(x, pool_size, stride=None):
    return max_pool2d_forward(x, pool_size, stride)[0].astype(_float_dtype(x))


# --- avg_pool2d_backward ------------------------------------------------------------------
@mistake(
    "avg_pool2d_backward",
    name="gives every pixel the whole gradient instead of its share",
    hints=(
        "By how much does the mean of 2 pixels grow if one of them grows by 1?",
        "A window of 1x2 with a gradient of 10 must give 5 5; yours gives 10 10.",
        "No gradient is made: sum(grad_x) equals sum(grad_out).",
    ),
)
def shares_are_not_divided(grad_out, input_shape, pool_size, stride=None):
    KH, KW = as_pair(pool_size, "pool_size")
    grad_x = avg_pool2d_backward(grad_out, input_shape, pool_size, stride)
    return grad_x * (KH * KW)


@mistake(
    "avg_pool2d_backward",
    name="divides by the square of the window's height",
    hints=(
        "Square windows hide it. How many pixels does a window of 1x2 have?",
        "A window of 1x2 with a gradient of 10 must give 5 5; yours gives 10 10.",
        "sum(grad_x) equals sum(grad_out), for windows of any shape.",
    ),
)
def shares_by_height_squared(grad_out, input_shape, pool_size, stride=None):
    KH, KW = as_pair(pool_size, "pool_size")
    grad_x = avg_pool2d_backward(grad_out, input_shape, pool_size, stride)
    return grad_x * (KH * KW) / (KH * KH)


@mistake(
    "avg_pool2d_backward",
    name="divides by the number of windows instead of the number of pixels in one",
    hints=(
        "How many pixels share the gradient of one output?",
        "A row of 6 pixels, windows of 1x2, gradients of 6 each: every pixel must get 3; "
        "yours gets 2.",
        "The share of a pixel depends on the window alone, not on how many windows there are.",
    ),
)
def shares_by_number_of_windows(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), _, (OH, OW) = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = avg_pool2d_backward(grad_out, input_shape, pool_size, stride)
    return grad_x * (KH * KW) / (OH * OW)


@mistake(
    "avg_pool2d_backward",
    name="divides by the number of pixels in the image",
    hints=(
        "How many pixels share the gradient of one output?",
        "A row of 4 pixels, windows of 1x2, gradients of 8 each: every pixel must get 4; "
        "yours gets 2.",
        "The share of a pixel depends on the window alone, not on the size of the image.",
    ),
)
def shares_by_size_of_image(grad_out, input_shape, pool_size, stride=None):
    KH, KW = as_pair(pool_size, "pool_size")
    grad_x = avg_pool2d_backward(grad_out, input_shape, pool_size, stride)
    return grad_x * (KH * KW) / (input_shape[1] * input_shape[2])


@mistake(
    "avg_pool2d_backward",
    name="divides by the strides, which are the window only where windows tile",
    hints=(
        "Where windows tile you cannot see it. How many pixels does your mean have at stride 1?",
        "A row of 3 pixels, windows of 1x2, stride 1, gradients of 10 and 20: they must get "
        "5 15 10; yours get 10 30 20.",
        "The share of a pixel depends on the window's size alone.",
    ),
)
def shares_by_stride(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), (SH, SW), _ = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = avg_pool2d_backward(grad_out, input_shape, pool_size, stride)
    return grad_x * (KH * KW) / (SH * SW)


@mistake(
    "avg_pool2d_backward",
    name="writes each share over the one before, where windows overlap",
    hints=(
        "Where windows tile you cannot see it. In how many windows is the middle of 3 pixels?",
        "A row of 3 pixels, windows of 1x2, stride 1, gradients of 10 and 20: they must get "
        "5 15 10; yours get 5 10 10.",
        "No gradient is lost: sum(grad_x) equals sum(grad_out).",
    ),
)
def writes_over_shares(grad_out, input_shape, pool_size, stride=None):
    size, step, out_size = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for i, j, rows, columns in _slices(out_size, size, step):
        share = grad_out[:, i : i + 1, j : j + 1] / (size[0] * size[1])
        grad_x[:, rows, columns] = share
    return grad_x


@mistake(
    "avg_pool2d_backward",
    name="loops over the places in the window, and writes over what the place before has written",
    hints=(
        "Where windows tile you cannot see it. Which pixels do two rounds of your loop share?",
        "A row of 3 pixels, windows of 1x2, stride 1, gradients of 10 and 20: they must get "
        "5 15 10; yours get 5 5 10.",
        "No gradient is lost: sum(grad_x) equals sum(grad_out).",
    ),
)
def writes_over_shares_by_place(grad_out, input_shape, pool_size, stride=None):
    size, (SH, SW), (OH, OW) = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for i, j in np.ndindex(*size):
        rows, columns = slice(i, i + OH * SH, SH), slice(j, j + OW * SW, SW)
        grad_x[:, rows, columns] = grad_out / (size[0] * size[1])
    return grad_x


@mistake(
    "avg_pool2d_backward",
    name="divides by the number of windows that a pixel is in",
    hints=(
        "Where windows tile you cannot see it. Does a pixel in two means move them less?",
        "A row of 3 pixels, windows of 1x2, stride 1, gradients of 10 and 20: they must get "
        "5 15 10; yours get 5 7.5 10.",
        "The shares of a pixel add up: sum(grad_x) equals sum(grad_out).",
    ),
)
def averages_the_shares(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), _, _ = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = avg_pool2d_backward(grad_out, input_shape, pool_size, stride)
    ones = np.ones_like(grad_out)
    counts = avg_pool2d_backward(ones, input_shape, pool_size, stride) * (KH * KW)
    return grad_x / np.maximum(counts.round(), 1)


@mistake(
    "avg_pool2d_backward",
    name="repeats each gradient over its window, as if windows always tiled",
    hints=(
        "Try windows that overlap, or an image that they do not fill.",
        "A row of 3 pixels, windows of 1x2, stride 1, gradients of 10 and 20: they must get "
        "5 15 10; yours get 5 5 10 10, and that is a pixel too many.",
        "grad_x has the shape of x, whatever the windows.",
    ),
)
def repeats_shares(grad_out, input_shape, pool_size, stride=None):
    (KH, KW), _, _ = _accept(grad_out, input_shape, pool_size, stride)
    return (grad_out / (KH * KW)).repeat(KH, axis=1).repeat(KW, axis=2)


@mistake(
    "avg_pool2d_backward",
    name="never uses `stride`: its windows always tile",
    hints=(
        "Which argument have you not used yet?",
        "A row of 3 pixels, windows of 1x1, stride 2, gradients of 10 and 20: they must get "
        "10 0 20; yours get 10 20 0.",
        "The windows of backward stand where those of forward stood.",
    ),
)
def shares_ignore_stride(grad_out, input_shape, pool_size, stride=None):
    size, _, out_size = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for i, j, rows, columns in _slices(out_size, size, size):
        grad_x[:, rows, columns] += grad_out[:, i : i + 1, j : j + 1] / (size[0] * size[1])
    return grad_x


@mistake(
    "avg_pool2d_backward",
    name="moves by one pixel if no stride is given",
    hints=(
        "What does stride=None mean, in the docstring and in your code?",
        "A row of 4 pixels, windows of 1x2 and no stride: there are 2 outputs. Yours expects 3.",
        "Without a stride the windows tile, in backward as in forward.",
    ),
)
def shares_move_by_one(grad_out, input_shape, pool_size, stride=None):
    return avg_pool2d_backward(grad_out, input_shape, pool_size, 1 if stride is None else stride)


@mistake(
    "avg_pool2d_backward",
    name="moves by two pixels if no stride is given, whatever the window",
    hints=(
        "With windows of 2x2 you cannot see it. Try windows of 1x3 without a stride.",
        "A row of 7 pixels, windows of 1x3 and no stride: there are 2 outputs. Yours expects 3.",
        "Without a stride the windows tile, in backward as in forward.",
    ),
)
def shares_move_by_two(grad_out, input_shape, pool_size, stride=None):
    return avg_pool2d_backward(grad_out, input_shape, pool_size, 2 if stride is None else stride)


@mistake(
    "avg_pool2d_backward",
    name="gives everything to the first pixel of the window",
    hints=(
        "How many pixels of a window does the mean depend on?",
        "A window of 1x2 with a gradient of 10 must give 5 5; yours gives 10 0.",
        "All pixels of a window get the same share.",
    ),
)
def pays_the_first_pixel(grad_out, input_shape, pool_size, stride=None):
    _, (SH, SW), (OH, OW) = _accept(grad_out, input_shape, pool_size, stride)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    grad_x[:, : OH * SH : SH, : OW * SW : SW] = grad_out
    return grad_x


@mistake(
    "avg_pool2d_backward",
    name="returns float64 whatever grad_out is",
    hints=(
        "Print the dtype of the result for a float32 gradient. Which line decided it?",
        "A float32 gradient of 10 for a window of 1x2 must give two float32 5s; yours are "
        "float64.",
        "float32 in, float32 out.",
    ),
)
def shares_in_float64(grad_out, input_shape, pool_size, stride=None):
    return avg_pool2d_backward(grad_out, input_shape, pool_size, stride).astype(np.float64)


@mistake(
    "avg_pool2d_backward",
    name="accepts a gradient that does not belong to these windows",
    hints=(
        "What does the docstring say under Raises?",
        "A row of 4 pixels and windows of 1x2 have 2 outputs. A gradient for 1 output must end "
        "in a ValueError; yours comes back as if nothing were wrong.",
        "grad_out has one entry for each output, no fewer and no more.",
    ),
)
def accepts_any_average_gradient(grad_out, input_shape, pool_size, stride=None):
    size, step, _ = _plan(input_shape, pool_size, stride)
    grad_x = np.zeros(input_shape, dtype=grad_out.dtype)
    for i, j, rows, columns in _slices(grad_out.shape[1:3], size, step):
        grad_x[:, rows, columns] += grad_out[:, i : i + 1, j : j + 1] / (size[0] * size[1])
    return grad_x


@mistake(
    "avg_pool2d_backward",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "A window of 1x2 with a gradient of 10 must give 5 5; yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def shares_without_return(grad_out, input_shape, pool_size, stride=None):
    avg_pool2d_backward(grad_out, input_shape, pool_size, stride)


# --- global_avg_pool2d_forward ------------------------------------------------------------
@mistake(
    "global_avg_pool2d_forward",
    name="takes the mean over the axes 2 and 3, which are W and C here",
    hints=(
        "Read x.shape aloud and say what each number counts. Where do H and W stand?",
        "An image of 1x2 pixels with 2 channels, 2 8 and 4 6, has the means 3 and 7; yours has "
        "one number, 5.",
        "The layout is (N, H, W, C), and what is left is (N, C).",
    ),
)
def averages_width_and_channels(x):
    require_images(x)
    return x.mean(axis=(2, 3))


@mistake(
    "global_avg_pool2d_forward",
    name="keeps the axes of height and width, with a length of 1",
    hints=(
        "Compare the shape of your result with the one in the docstring.",
        "For an image of shape (1, 2, 2, 3) the result must have the shape (1, 3); yours has "
        "(1, 1, 1, 3).",
        "There is one number for each image and channel, in an array of two axes.",
    ),
)
def keeps_axes_of_length_one(x):
    return global_avg_pool2d_forward(x)[:, None, None]


@mistake(
    "global_avg_pool2d_forward",
    name="takes the mean over the channels as well",
    hints=(
        "Which axes vanish in your mean, and which does the docstring keep?",
        "An image of one pixel with the channels 2 and 8 has the means 2 and 8; yours has one "
        "number, 5.",
        "There is one number for each image and channel.",
    ),
)
def global_average_mixes_channels(x):
    require_images(x)
    return x.mean(axis=(1, 2, 3))


@mistake(
    "global_avg_pool2d_forward",
    name="takes the mean over the batch as well",
    hints=(
        "Which axes vanish in your mean, and which does the docstring keep?",
        "Two images of one pixel, 2 and 8, have the means 2 and 8; yours has one number, 5.",
        "There is one number for each image and channel.",
    ),
)
def global_average_mixes_images(x):
    require_images(x)
    return x.mean(axis=(0, 1, 2))


@mistake(
    "global_avg_pool2d_forward",
    name="takes the second mean over an axis that has moved up",
    hints=(
        "After the first mean x has three axes. Which of them is the width now?",
        "An image of 1x2 pixels with 2 channels, 2 8 and 4 6, has the means 3 and 7; yours has "
        "5 and 5, one for each pixel.",
        "There is one number for each image and channel.",
    ),
)
def averages_an_axis_that_moved(x):
    require_images(x)
    return x.mean(axis=1).mean(axis=2)


@mistake(
    "global_avg_pool2d_forward",
    name="reshapes to (N, C, H*W), which does not move the channels to the front",
    hints=(
        "A reshape keeps the order of the numbers. Which numbers stand side by side in x?",
        "An image of 1x2 pixels with 2 channels, 2 8 and 4 6, has the means 3 and 7; yours has "
        "5 and 5, each from one pixel.",
        "The mean of channel c depends on x[..., c] alone.",
    ),
)
def reshapes_channels_to_the_front(x):
    require_images(x)
    N, H, W, C = x.shape
    return x.reshape(N, C, H * W).mean(axis=2)


@mistake(
    "global_avg_pool2d_forward",
    name="adds up the pixels and does not divide",
    hints=(
        "What makes a mean out of a sum?",
        "The pixels 2 and 4 have the mean 3; yours is 6.",
        "A mean lies between the smallest and the largest of its numbers.",
    ),
)
def adds_up_the_image(x):
    return global_avg_pool2d_forward(x) * (x.shape[1] * x.shape[2])


@mistake(
    "global_avg_pool2d_forward",
    name="takes the largest pixel instead of the mean",
    hints=(
        "What does the name of the function say about what it computes?",
        "The pixels 2 and 4 have the mean 3; yours is 4.",
        "The mean changes with every pixel of its channel.",
    ),
)
def takes_the_largest_pixel(x):
    require_images(x)
    return x.max(axis=(1, 2)).astype(_float_dtype(x))


@mistake(
    "global_avg_pool2d_forward",
    name="returns float64 whatever x is",
    hints=(
        "Print the dtype of the result for a float32 image. Which line decided it?",
        "The mean of float32 pixels must be float32; yours is float64.",
        "float32 in, float32 out; float64 is for float64 and for integers.",
    ),
)
def global_average_in_float64(x):
    return global_avg_pool2d_forward(x).astype(np.float64)


@mistake(
    "global_avg_pool2d_forward",
    name="returns means of whole numbers as whole numbers",
    hints=(
        "Which dtype does your result have for an image of integers?",
        "The pixels 2 and 3, as integers, have the mean 2.5; yours is 2.",
        "Means of integers are float64.",
    ),
)
def global_average_in_the_dtype_of_x(x):
    return global_avg_pool2d_forward(x).astype(x.dtype)


# --- global_avg_pool2d_backward -----------------------------------------------------------
def _accept_means(grad_out, input_shape):
    """Refuse gradients of a wrong shape."""
    N, _, _, C = input_shape
    if grad_out.shape != (N, C):
        raise ValueError(f"grad_out must be {(N, C)}, not {grad_out.shape}")


@mistake(
    "global_avg_pool2d_backward",
    name="gives every pixel the whole gradient instead of its share",
    hints=(
        "By how much does the mean of 2 pixels grow if one of them grows by 1?",
        "An image of 1x2 pixels with a gradient of 10 must give 5 5; yours gives 10 10.",
        "No gradient is made: sum(grad_x) equals sum(grad_out).",
    ),
)
def global_shares_are_not_divided(grad_out, input_shape):
    return global_avg_pool2d_backward(grad_out, input_shape) * (input_shape[1] * input_shape[2])


@mistake(
    "global_avg_pool2d_backward",
    name="divides by the height only",
    hints=(
        "How many pixels share the gradient of one mean?",
        "An image of 1x2 pixels with a gradient of 10 must give 5 5; yours gives 10 10.",
        "No gradient is made: sum(grad_x) equals sum(grad_out).",
    ),
)
def global_shares_by_height(grad_out, input_shape):
    return global_avg_pool2d_backward(grad_out, input_shape) * input_shape[2]


@mistake(
    "global_avg_pool2d_backward",
    name="divides by the number of all entries of an image, its channels included",
    hints=(
        "How many pixels share the gradient of one mean?",
        "An image of 1x2 pixels and 2 channels, gradients of 8 and 12: the pixels must get 4 6 "
        "and 4 6; yours get 2 3 and 2 3.",
        "Each channel by itself: sum(grad_x[..., c]) equals sum(grad_out[:, c]).",
    ),
)
def global_shares_by_all_entries(grad_out, input_shape):
    return global_avg_pool2d_backward(grad_out, input_shape) / input_shape[3]


@mistake(
    "global_avg_pool2d_backward",
    name="divides by the size of the batch as well",
    hints=(
        "Which of the four numbers of input_shape do you divide by? How many pixels share?",
        "Two images of 1x2 pixels, gradients of 8 and 12: the pixels must get 4 4 and 6 6; "
        "yours get 2 2 and 3 3.",
        "Each image by itself: sum(grad_x[n]) equals sum(grad_out[n]).",
    ),
)
def global_shares_by_batch(grad_out, input_shape):
    return global_avg_pool2d_backward(grad_out, input_shape) / input_shape[0]


@mistake(
    "global_avg_pool2d_backward",
    name="returns one share for each channel, and not one for each pixel",
    hints=(
        "Compare the shape of your result with input_shape.",
        "An image of 1x2 pixels with a gradient of 10 must give 5 5; yours gives a single 5.",
        "grad_x has the shape of x: every pixel gets its share.",
    ),
)
def global_shares_not_spread(grad_out, input_shape):
    _accept_means(grad_out, input_shape)
    N, H, W, C = input_shape
    return (grad_out / (H * W)).reshape(N, 1, 1, C)


@mistake(
    "global_avg_pool2d_backward",
    name="returns its gradient as (N, C, H, W)",
    hints=(
        "Compare the shape of your result with input_shape.",
        "For images of shape (1, 2, 3, 4) the gradient must have that shape; yours has "
        "(1, 4, 2, 3).",
        "The layout is (N, H, W, C), and grad_x has the shape of x.",
    ),
)
def global_shares_channels_first(grad_out, input_shape):
    return global_avg_pool2d_backward(grad_out, input_shape).transpose(0, 3, 1, 2).copy()


@mistake(
    "global_avg_pool2d_backward",
    name="repeats each share in a row, so that channels and pixels get mixed",
    hints=(
        "The shape is right. In which order do the numbers of x stand in memory: all pixels of "
        "one channel, or all channels of one pixel?",
        "An image of 1x2 pixels and 2 channels, gradients of 8 and 12: the pixels must get 4 6 "
        "and 4 6; yours get 4 4 and 6 6.",
        "grad_x[n, h, w, c] does not depend on h and w.",
    ),
)
def global_shares_in_a_row(grad_out, input_shape):
    _accept_means(grad_out, input_shape)
    N, H, W, C = input_shape
    return (grad_out / (H * W)).repeat(H * W, axis=1).reshape(N, H, W, C)


@mistake(
    "global_avg_pool2d_backward",
    name="returns float64 whatever grad_out is",
    hints=(
        "Print the dtype of the result for a float32 gradient. Which line decided it?",
        "A float32 gradient of 10 for 1x2 pixels must give two float32 5s; yours are float64.",
        "float32 in, float32 out.",
    ),
)
def global_shares_in_float64(grad_out, input_shape):
    return global_avg_pool2d_backward(grad_out, input_shape).astype(np.float64)


@mistake(
    "global_avg_pool2d_backward",
    name="accepts a gradient for another number of images or channels",
    hints=(
        "What does the docstring say under Raises?",
        "Two images need two rows of gradients. A single row must end in a ValueError; yours "
        "gives it to both images.",
        "grad_out has one entry for each image and channel, no fewer and no more.",
    ),
)
def accepts_any_global_gradient(grad_out, input_shape):
    N, H, W, C = input_shape
    return np.ones(input_shape, dtype=grad_out.dtype) * grad_out[:, None, None] / (H * W)


# --- the layers ---------------------------------------------------------------------------
@mistake(
    "MaxPool2D",
    name="keeps the indices of its first forward for ever",
    hints=(
        "When do you write what backward needs: at every forward, or once?",
        "layer.forward(a); layer.forward(b); layer.backward(grad_out): with a = 2 5 and "
        "b = 5 2 and windows of 1x2, a gradient of 10 must give 10 0; yours gives 0 10.",
        "backward belongs to the latest forward.",
    ),
)
class KeepsItsFirstIndices(MaxPool2D):
    _cache = None

    def forward(self, x):
        out, indices = max_pool2d_forward(x, self.pool_size, self.stride)
        if self._cache is None:
            self._cache = indices, x.shape
        return out

    def backward(self, grad_out):
        return max_pool2d_backward(grad_out, *self._cache, self.pool_size, self.stride)


@mistake(
    "MaxPool2D",
    name="keeps its indices where all layers of this kind keep theirs",
    hints=(
        "Do you write to `self`, or to the class, or to a name outside of it?",
        "one.forward(a); two.forward(b); one.backward(grad_out): with a = 2 5 and b = 5 2 and "
        "windows of 1x2, a gradient of 10 must give 0 10; yours gives 10 0.",
        "What one layer remembers does not depend on any other layer.",
    ),
)
class SharesItsIndices(MaxPool2D):
    def forward(self, x):
        out, indices = max_pool2d_forward(x, self.pool_size, self.stride)
        SharesItsIndices.cache = indices, x.shape
        return out

    def backward(self, grad_out):
        return max_pool2d_backward(grad_out, *self.cache, self.pool_size, self.stride)


@mistake(
    "MaxPool2D",
    name="never passes its stride on",
    hints=(
        "With how many arguments do you call the two functions?",
        "The row 2 5 4 through MaxPool2D((1, 2), stride=1) must give 5 5; yours gives 5.",
        "A layer gives what the functions give, for the same window and stride.",
    ),
)
class DropsItsStride(MaxPool2D):
    def __init__(self, pool_size=2, stride=None):
        super().__init__(pool_size)


@mistake(
    "MaxPool2D",
    name="passes its stride to forward, but not to backward",
    hints=(
        "With how many arguments do you call the two functions?",
        "The row 2 5 4 through MaxPool2D((1, 2), stride=1) has 2 outputs. A gradient for 2 "
        "outputs must be taken; yours is refused, since windows that tile would have only 1.",
        "The windows of backward stand where those of forward stood.",
    ),
)
class DropsItsStrideGoingBack(MaxPool2D):
    def backward(self, grad_out):
        return max_pool2d_backward(grad_out, self._indices, self._input_shape, self.pool_size)


@mistake(
    "MaxPool2D",
    name="returns the indices beside the maxima",
    hints=(
        "How many things does a layer's forward return, and what does the next layer expect?",
        "MaxPool2D(1).forward of the single pixel 5 must be an array that holds 5; yours is a "
        "tuple of two arrays.",
        "Every layer takes one array and returns one array.",
    ),
)
class ReturnsIndicesToo(MaxPool2D):
    def forward(self, x):
        out = super().forward(x)
        return out, self._indices


@mistake(
    "MaxPool2D",
    name="pays every pixel that equals the maximum",
    hints=(
        "What does your mask look like where two pixels of a window are equal?",
        "The window 7 7 with a gradient of 10 must give 10 0; yours gives 10 10.",
        "No gradient is made: sum(grad_x) equals sum(grad_out).",
    ),
)
class PaysEveryTie(MaxPool2D):
    def forward(self, x):
        self._x, self._out = x, max_pool2d_forward(x, self.pool_size, self.stride)[0]
        return self._out

    def backward(self, grad_out):
        x, out = self._x, self._out
        size, step, out_size = _plan(x.shape, self.pool_size, self.stride)
        grad_x = np.zeros(x.shape, dtype=grad_out.dtype)
        for i, j, rows, columns in _slices(out_size, size, step):
            here = slice(i, i + 1), slice(j, j + 1)
            mask = x[:, rows, columns] == out[:, *here]
            grad_x[:, rows, columns] += mask * grad_out[:, *here]
        return grad_x


@mistake(
    "MaxPool2D",
    name="shares the gradient among the pixels that equal the maximum",
    hints=(
        "What does the docstring of max_pool2d_forward say about equal pixels?",
        "The window 7 7 with a gradient of 10 must give 10 0; yours gives 5 5.",
        "Of several largest pixels the first in reading order gets everything.",
    ),
)
class SharesAmongTies(MaxPool2D):
    def forward(self, x):
        self._x, self._out = x, max_pool2d_forward(x, self.pool_size, self.stride)[0]
        return self._out

    def backward(self, grad_out):
        x, out = self._x, self._out
        size, step, out_size = _plan(x.shape, self.pool_size, self.stride)
        grad_x = np.zeros(x.shape, dtype=grad_out.dtype)
        for i, j, rows, columns in _slices(out_size, size, step):
            here = slice(i, i + 1), slice(j, j + 1)
            mask = x[:, rows, columns] == out[:, *here]
            share = grad_out[:, *here] / mask.sum(axis=(1, 2), keepdims=True)
            grad_x[:, rows, columns] += mask * share.astype(grad_out.dtype)
        return grad_x


@mistake(
    "MaxPool2D",
    name="works the size of the images out from the gradient, without what was left over",
    hints=(
        "Can you know the width of x when all you have is the output? Try 5 pixels, and 4.",
        "The row 2 5 4 with windows of 1x2 and a gradient of 10 must give 0 10 0; yours gives "
        "0 10, a pixel too few.",
        "grad_x has the shape of the latest x.",
    ),
)
class GuessesTheImageSize(MaxPool2D):
    def backward(self, grad_out):
        (KH, KW), (SH, SW), _ = _plan(self._input_shape, self.pool_size, self.stride)
        N, OH, OW, C = grad_out.shape
        shape = (N, (OH - 1) * SH + KH, (OW - 1) * SW + KW, C)
        return max_pool2d_backward(grad_out, self._indices, shape, self.pool_size, self.stride)


@mistake(
    "MaxPool2D",
    name="adds each gradient to those of earlier calls of backward",
    hints=(
        "Call backward twice. What does the second result have to do with the first?",
        "The window 2 5 with a gradient of 10 must give 0 10, and with 10 once more 0 10; yours "
        "gives 0 20 then.",
        "What backward returns depends on the latest forward and on grad_out alone.",
    ),
)
class AddsToItsLastGradient(MaxPool2D):
    def forward(self, x):
        self._grad_x = 0
        return super().forward(x)

    def backward(self, grad_out):
        self._grad_x = self._grad_x + super().backward(grad_out)
        return self._grad_x


@mistake(
    "AvgPool2D",
    name="keeps the shape of its first images for ever",
    hints=(
        "When do you write what backward needs: at every forward, or once?",
        "layer.forward of a row of 2 pixels, then of one of 4, with windows of 1x2: backward "
        "must give 4 pixels; yours still thinks of 2.",
        "backward belongs to the latest forward.",
    ),
)
class KeepsItsFirstShape(AvgPool2D):
    _input_shape = None

    def forward(self, x):
        self._input_shape = self._input_shape or x.shape
        return avg_pool2d_forward(x, self.pool_size, self.stride)


@mistake(
    "AvgPool2D",
    name="keeps its shape where all layers of this kind keep theirs",
    hints=(
        "Do you write to `self`, or to the class, or to a name outside of it?",
        "one.forward of a row of 2 pixels, two.forward of one of 4, with windows of 1x2: "
        "one.backward must give 2 pixels; yours thinks of 4.",
        "What one layer remembers does not depend on any other layer.",
    ),
)
class SharesItsShape(AvgPool2D):
    def forward(self, x):
        SharesItsShape._input_shape = x.shape
        return avg_pool2d_forward(x, self.pool_size, self.stride)


@mistake(
    "AvgPool2D",
    name="never passes its stride on",
    hints=(
        "With how many arguments do you call the two functions?",
        "The row 2 4 6 through AvgPool2D((1, 2), stride=1) must give 3 5; yours gives 3.",
        "A layer gives what the functions give, for the same window and stride.",
    ),
)
class AverageDropsItsStride(AvgPool2D):
    def __init__(self, pool_size=2, stride=None):
        super().__init__(pool_size)


@mistake(
    "AvgPool2D",
    name="passes its stride to forward, but not to backward",
    hints=(
        "With how many arguments do you call the two functions?",
        "The row 2 4 6 through AvgPool2D((1, 2), stride=1) has 2 outputs. A gradient for 2 "
        "outputs must be taken; yours is refused, since windows that tile would have only 1.",
        "The windows of backward stand where those of forward stood.",
    ),
)
class AverageDropsItsStrideGoingBack(AvgPool2D):
    def backward(self, grad_out):
        return avg_pool2d_backward(grad_out, self._input_shape, self.pool_size)


@mistake(
    "AvgPool2D",
    name="works the size of the images out from the gradient, without what was left over",
    hints=(
        "Can you know the width of x when all you have is the output? Try 5 pixels, and 4.",
        "The row 2 4 6 with windows of 1x2 and a gradient of 10 must give 5 5 0; yours gives "
        "5 5, a pixel too few.",
        "grad_x has the shape of the latest x.",
    ),
)
class AverageGuessesTheImageSize(AvgPool2D):
    def backward(self, grad_out):
        (KH, KW), (SH, SW), _ = _plan(self._input_shape, self.pool_size, self.stride)
        N, OH, OW, C = grad_out.shape
        shape = (N, (OH - 1) * SH + KH, (OW - 1) * SW + KW, C)
        return avg_pool2d_backward(grad_out, shape, self.pool_size, self.stride)


@mistake(
    "AvgPool2D",
    name="calls the functions for maxima",
    hints=(
        "Was this class copied from MaxPool2D? What is still the same?",
        "The row 2 4 through AvgPool2D((1, 2)) must give 3; yours gives 4.",
        "A layer gives what the functions of its own kind give.",
    ),
)
class CallsTheMaximum(MaxPool2D):
    pass


@mistake(
    "GlobalAvgPool2D",
    name="keeps the shape of its first images for ever",
    hints=(
        "When do you write what backward needs: at every forward, or once?",
        "layer.forward of a row of 2 pixels, then of one of 4: backward of 12 must give 3 3 3 3; "
        "yours gives 6 6.",
        "backward belongs to the latest forward.",
    ),
)
class GlobalKeepsItsFirstShape(GlobalAvgPool2D):
    _input_shape = None

    def forward(self, x):
        self._input_shape = self._input_shape or x.shape
        return global_avg_pool2d_forward(x)


@mistake(
    "GlobalAvgPool2D",
    name="keeps its shape where all layers of this kind keep theirs",
    hints=(
        "Do you write to `self`, or to the class, or to a name outside of it?",
        "one.forward of a row of 2 pixels, two.forward of one of 4: one.backward of 12 must give "
        "6 6; yours gives 3 3 3 3.",
        "What one layer remembers does not depend on any other layer.",
    ),
)
class GlobalSharesItsShape(GlobalAvgPool2D):
    def forward(self, x):
        GlobalSharesItsShape._input_shape = x.shape
        return global_avg_pool2d_forward(x)
