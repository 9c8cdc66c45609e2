"""Known wrong answers of this stage, what they are called, and how a tutor would hint."""

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from grader.mistakes import mistake
from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.im2col.im2col import col2im, im2col
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _given(x, kernel_size, stride, padding):
    """Check the arguments as the stub and get_output_shape do; all sizes, as pairs."""
    require_images(x)
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    return kernel, steps, get_output_shape(x.shape[1:3], kernel, steps, padding)


def _windows(x, kernel_size, stride, padding):
    """Cut the right windows, before they become rows: (N, OH, OW, KH, KW, C)."""
    (KH, KW), _, (OH, OW) = _given(x, kernel_size, stride, padding)
    N, _, _, C = x.shape
    return im2col(x, kernel_size, stride, padding).reshape(N, OH, OW, KH, KW, C)


def _rows(windows, order=(0, 1, 2, 3, 4, 5)):
    """Make a matrix of windows whose axes are exchanged first."""
    rows = windows.shape[0] * windows.shape[1] * windows.shape[2]
    return np.array(windows.transpose(order)).reshape(rows, -1)


# --- im2col: which pixels -----------------------------------------------------------------
@mistake(
    "im2col",
    name="leaves the padding out",
    hints=(
        "Which argument have you not used yet?",
        "A single pixel, a window of 3, padding 1: there is one row of nine values, the pixel "
        "in the middle; yours refuses the window.",
        "The windows slide over the padded image, and there are OH*OW of them.",
    ),
)
def leaves_padding_out(x, kernel_size, stride=1, padding=0):
    _given(x, kernel_size, stride, padding)
    return im2col(x, kernel_size, stride)


@mistake(
    "im2col",
    name="counts the windows on the image without its frame",
    hints=(
        "You cut from the padded image. From which image do you compute OH and OW?",
        "A 2x2 image, a window of 2, padding 1: 9 windows fit into 4x4 pixels; yours are the "
        "first one only.",
        "The sizes and the pixels come from one and the same array.",
    ),
)
def counts_without_the_frame(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), _ = _given(x, kernel_size, stride, padding)
    OH, OW = get_output_shape(x.shape[1:3], (KH, KW), (SH, SW))
    return _rows(_windows(x, kernel_size, stride, padding)[:, :OH, :OW])


def _cut(image, N, C, kernel, steps, size):
    """Fill the windows with one slice for each place in the window."""
    (KH, KW), (SH, SW), (OH, OW) = kernel, steps, size
    windows = np.zeros((N, OH, OW, KH, KW, C), dtype=image.dtype)
    for i in range(KH):
        for j in range(KW):
            windows[:, :, :, i, j] = image[:, i : i + SH * OH : SH, j : j + SW * OW : SW]
    return windows.reshape(N * OH * OW, KH * KW * C)


@mistake(
    "im2col",
    name="counts the windows of the padded image, but slices x",
    hints=(
        "NumPy says which two shapes do not fit. Which array do you slice?",
        "A 2x2 image, a window of 2, padding 1: the place (0, 0) of the windows needs 3x3 "
        "pixels, and your slice of x has 2x2.",
        "The windows slide over the padded image. Give it a name of its own.",
    ),
)
def slices_the_bare_image(x, kernel_size, stride=1, padding=0):
    return _cut(x, x.shape[0], x.shape[3], *_given(x, kernel_size, stride, padding))


@mistake(
    "im2col",
    name="counts the windows of the padded image, but cuts them out of x",
    hints=(
        "NumPy says which two shapes do not fit. Which array do you cut from?",
        "A 2x2 image, a window of 2, padding 1: the second window begins at column 1 of 4, "
        "where your x has a single column left.",
        "The windows slide over the padded image. Give it a name of its own.",
    ),
)
def cuts_from_the_bare_image(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), (OH, OW) = _given(x, kernel_size, stride, padding)
    N, _, _, C = x.shape
    windows = np.zeros((N, OH, OW, KH, KW, C), dtype=x.dtype)
    for i in range(OH):
        for j in range(OW):
            windows[:, i, j] = x[:, i * SH : i * SH + KH, j * SW : j * SW + KW]
    return windows.reshape(N * OH * OW, KH * KW * C)


@mistake(
    "im2col",
    name="pads twice",
    hints=(
        "Once an image is padded, how much padding is left to do?",
        "A 2x2 image, a window of 2, padding 1: there are 9 windows; yours are 25.",
        "There are OH*OW windows an image, with OH and OW from get_output_shape.",
    ),
)
def pads_twice(x, kernel_size, stride=1, padding=0):
    _given(x, kernel_size, stride, padding)
    return im2col(pad2d(x, padding), kernel_size, stride, padding)


@mistake(
    "im2col",
    name="counts the padding again for an image that is already padded",
    hints=(
        "Which shape and which padding do you hand to get_output_shape? Both have the frame.",
        "A 2x2 image, a window of 2, padding 1: 3x3 windows; you make room for 5x5.",
        "The unpadded size goes with the padding, the padded size with none.",
    ),
)
def counts_the_frame_twice(x, kernel_size, stride=1, padding=0):
    kernel, steps, _ = _given(x, kernel_size, stride, padding)
    framed = pad2d(x, padding)
    size = get_output_shape(framed.shape[1:3], kernel, steps, padding)
    return _cut(framed, x.shape[0], x.shape[3], kernel, steps, size)


@mistake(
    "im2col",
    name="moves the window by one pixel, whatever the stride",
    hints=(
        "At which pixel does the window of output (0, 1) begin?",
        "A 1x4 image 5 6 7 8, a window of 1, stride 2: the rows are 5 / 7; yours are 5 / 6.",
        "The window at (oh, ow) begins at (oh*stride_h, ow*stride_w).",
    ),
)
def moves_by_one_pixel(x, kernel_size, stride=1, padding=0):
    kernel, _, (OH, OW) = _given(x, kernel_size, stride, padding)
    return _rows(_windows(x, kernel, 1, padding)[:, :OH, :OW])


@mistake(
    "im2col",
    name="leaves the stride out: every position has a row",
    hints=(
        "Which argument have you not used yet?",
        "A 1x4 image, a window of 1, stride 2: there are 2 rows; yours are 4.",
        "There are OH*OW windows an image, with OH and OW from get_output_shape.",
    ),
)
def leaves_stride_out(x, kernel_size, stride=1, padding=0):
    _given(x, kernel_size, stride, padding)
    return im2col(x, kernel_size, 1, padding)


@mistake(
    "im2col",
    name="exchanges the two strides",
    hints=(
        "Equal strides hide it. Try (2, 1).",
        "A 2x2 image 5 6 / 7 8, a window of 1, stride (2, 1): the rows are 5 / 6; yours are "
        "5 / 7.",
        "Every pair is (height, width): the first stride goes down.",
    ),
)
def exchanges_strides(x, kernel_size, stride=1, padding=0):
    kernel, (SH, SW), _ = _given(x, kernel_size, stride, padding)
    return im2col(x, kernel, (SW, SH), padding)


@mistake(
    "im2col",
    name="exchanges the two strides in its slices, though not in the sizes",
    hints=(
        "NumPy says which two shapes do not fit. With which stride do you slice the rows?",
        "A 4x4 image, a window of 1, stride (2, 1): there are 2x4 windows, and your slice holds "
        "2x2 pixels.",
        "Every pair is (height, width): the first stride goes down.",
    ),
)
def slices_with_strides_exchanged(x, kernel_size, stride=1, padding=0):
    kernel, (SH, SW), size = _given(x, kernel_size, stride, padding)
    return _cut(pad2d(x, padding), x.shape[0], x.shape[3], kernel, (SW, SH), size)


@mistake(
    "im2col",
    name="steps to the right as far as down: one stride for both axes",
    hints=(
        "Equal strides hide it. Which stride do you use along the width?",
        "A 1x4 image 5 6 7 8, a window of 1, stride (2, 1): there are 4 rows; yours are 2.",
        "The column at which a window begins depends on nothing that belongs to the height.",
    ),
)
def one_stride_for_both(x, kernel_size, stride=1, padding=0):
    kernel, (SH, _), _ = _given(x, kernel_size, stride, padding)
    return im2col(x, kernel, (SH, SH), padding)


@mistake(
    "im2col",
    name="exchanges the window's height and width",
    hints=(
        "Squares hide it. Try a window of (1, 2).",
        "A 2x2 image 5 6 / 7 8 and a window of (1, 2): the rows are 5 6 / 7 8; yours are "
        "5 7 / 6 8.",
        "Every pair is (height, width): a window of (1, 2) is flat.",
    ),
)
def exchanges_kernel_sizes(x, kernel_size, stride=1, padding=0):
    (KH, KW), _, _ = _given(x, kernel_size, stride, padding)
    return im2col(x, (KW, KH), stride, padding)


@mistake(
    "im2col",
    name="misses the last window of each axis",
    hints=(
        "Where does your range of starting points end, and does it reach that end?",
        "A 2x2 image 5 6 / 7 8 and a window of 1: the rows are 5 / 6 / 7 / 8; yours is 5.",
        "The last start is n - k itself: a window may touch the edge.",
    ),
)
def misses_the_last_window(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), _ = _given(x, kernel_size, stride, padding)
    framed = pad2d(x, padding)
    N, rows, columns, _ = framed.shape
    return np.array(
        [
            framed[n, i : i + KH, j : j + KW].ravel()
            for n in range(N)
            for i in range(0, rows - KH, SH)
            for j in range(0, columns - KW, SW)
        ]
    )


@mistake(
    "im2col",
    name="lets windows hang over the edge, where they are cut short",
    hints=(
        "Where does your range of starting points end? How many pixels has a window that "
        "begins at the last one?",
        "A 1x3 image and a window of (1, 2): windows begin at 0 and 1. Yours begin at 2 as "
        "well, and that one has a single pixel.",
        "Every window has KH*KW*C values: the last start is n - k.",
    ),
)
def lets_windows_hang_over(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), _ = _given(x, kernel_size, stride, padding)
    framed = pad2d(x, padding)
    N, rows, columns, _ = framed.shape
    return np.array(
        [
            framed[n, i : i + KH, j : j + KW].ravel()
            for n in range(N)
            for i in range(0, rows, SH)
            for j in range(0, columns, SW)
        ]
    )


@mistake(
    "im2col",
    name="reads the first channel only",
    hints=(
        "How many values has one window of a colour image? How many has a row of yours?",
        "A pixel with the channels 5, 6, 7 and a window of 1: the row is 5 6 7; yours is 5.",
        "A row has KH*KW*C values.",
    ),
)
def reads_the_first_channel(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding)[..., :1])


@mistake(
    "im2col",
    name="reads the first image only",
    hints=(
        "How many rows belong to one image? How many has the whole batch?",
        "Two images of one pixel, 5 and 6, and a window of 1: the rows are 5 / 6; yours is 5.",
        "There are N*OH*OW rows.",
    ),
)
def reads_the_first_image(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding)[:1])


@mistake(
    "im2col",
    name="reads the window backwards, rotated by 180 degrees",
    hints=(
        "In which order do you walk through the window? Print the first row for a small image.",
        "A 1x2 image 5 6 and a window of (1, 2): the row is 5 6; yours is 6 5.",
        "The course computes cross-correlation: the first value of a row is the window's upper "
        "left pixel.",
    ),
)
def reads_backwards(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding)[:, :, :, ::-1, ::-1])


# --- im2col: in which order ---------------------------------------------------------------
@mistake(
    "im2col",
    name="orders the columns (C, KH, KW) instead of (KH, KW, C)",
    hints=(
        "With one channel you cannot see it. Which order does W.reshape(-1, C_out) use?",
        "Two pixels with two channels, 5 50 and 6 60, and a window of (1, 2): the row is "
        "5 50 6 60; yours is 5 6 50 60.",
        "The channels of one pixel stay together.",
    ),
)
def puts_channels_first(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding), (0, 1, 2, 5, 3, 4))


@mistake(
    "im2col",
    name="reads the window column by column",
    hints=(
        "Print the first row for an image of np.arange(16), 4x4. In which order do you read?",
        "A 2x2 image 5 6 / 7 8 and a window of 2: the row is 5 6 7 8; yours is 5 7 6 8.",
        "A window is read like a page: along a row first.",
    ),
)
def reads_column_by_column(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding), (0, 1, 2, 4, 3, 5))


@mistake(
    "im2col",
    name="flattens each window in Fortran order: channels apart, column by column",
    hints=(
        "Which axis of the window changes fastest in your rows? Which should?",
        "Two pixels with two channels, 5 50 and 6 60, and a window of (1, 2): the row is "
        "5 50 6 60; yours is 5 6 50 60.",
        "The order is (KH, KW, C), and the last axis changes fastest.",
    ),
)
def flattens_in_fortran_order(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding), (0, 1, 2, 5, 4, 3))


@mistake(
    "im2col",
    name="takes the positions column by column: rows in (N, OW, OH) order",
    hints=(
        "Which of your loops over positions is the outer one?",
        "A 2x2 image 5 6 / 7 8 and a window of 1: the rows are 5 / 6 / 7 / 8; yours are "
        "5 / 7 / 6 / 8.",
        "Row (n*OH + oh)*OW + ow is the window at (oh, ow) of image n.",
    ),
)
def takes_positions_by_column(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding), (0, 2, 1, 3, 4, 5))


@mistake(
    "im2col",
    name="takes the images together for each position: rows in (OH, OW, N) order",
    hints=(
        "With one image you cannot see it. Which rows belong to the first image?",
        "Two images 5 6 and 7 8 and a window of 1: the rows are 5 / 6 / 7 / 8; yours are "
        "5 / 7 / 6 / 8.",
        "Row (n*OH + oh)*OW + ow is the window at (oh, ow) of image n.",
    ),
)
def takes_images_last(x, kernel_size, stride=1, padding=0):
    return _rows(_windows(x, kernel_size, stride, padding), (1, 2, 0, 3, 4, 5))


@mistake(
    "im2col",
    name="reshapes (N, KH, KW, C, OH, OW) into rows without exchanging axes first",
    hints=(
        "In which order do the axes of your array stand just before the reshape?",
        "A 1x4 image 5 6 7 8 and a window of (1, 2): the rows are 5 6 / 6 7 / 7 8; yours are "
        "5 6 / 7 6 / 7 8.",
        "reshape keeps the order in which values are read; it never exchanges two axes.",
    ),
)
def forgets_the_transpose(x, kernel_size, stride=1, padding=0):
    windows = _windows(x, kernel_size, stride, padding).transpose(0, 3, 4, 5, 1, 2)
    N, KH, KW, C, OH, OW = windows.shape
    return np.array(windows).reshape(N * OH * OW, KH * KW * C)


@mistake(
    "im2col",
    name="reshapes (KH, KW, C, N, OH, OW) into rows without exchanging axes first",
    hints=(
        "In which order do the axes of your array stand just before the reshape?",
        "Two images 5 6 and 7 8 and a window of (1, 2): the rows are 5 6 / 7 8; yours are "
        "5 7 / 6 8.",
        "reshape keeps the order in which values are read; it never exchanges two axes.",
    ),
)
def reshapes_planes_to_rows(x, kernel_size, stride=1, padding=0):
    windows = _windows(x, kernel_size, stride, padding).transpose(3, 4, 5, 0, 1, 2)
    KH, KW, C, N, OH, OW = windows.shape
    return np.array(windows).reshape(N * OH * OW, KH * KW * C)


@mistake(
    "im2col",
    name="reshapes the image itself, without cutting windows",
    hints=(
        "How often does a pixel in the middle of the image occur in the matrix?",
        "A 1x3 image has 3 values; its two windows of (1, 2) have 4. No reshape gets there.",
        "reshape never copies a pixel: a pixel has to occur in every window that covers it.",
    ),
)
def reshapes_the_image(x, kernel_size, stride=1, padding=0):
    (KH, KW), _, (OH, OW) = _given(x, kernel_size, stride, padding)
    N, _, _, C = x.shape
    return pad2d(x, padding).reshape(N * OH * OW, KH * KW * C)


@mistake(
    "im2col",
    name="returns the windows as columns: the transposed matrix",
    hints=(
        "Which axis of your matrix counts the windows?",
        "A 1x4 image 5 6 7 8 and a window of (1, 2): the rows are 5 6 / 6 7 / 7 8; yours are "
        "5 6 7 / 6 7 8.",
        "One window is one row: the matrix has N*OH*OW of them, each with KH*KW*C values.",
    ),
)
def returns_columns(x, kernel_size, stride=1, padding=0):
    return im2col(x, kernel_size, stride, padding).T.copy()


@mistake(
    "im2col",
    name="keeps an axis for the images: three axes instead of a matrix",
    hints=(
        "How many axes has your result? What does the docstring say?",
        "Two images with three windows of four values: the shape is (6, 4); yours is (2, 3, 4).",
        "The windows of all images stand under each other in one matrix.",
    ),
)
def keeps_the_batch_axis(x, kernel_size, stride=1, padding=0):
    rows = im2col(x, kernel_size, stride, padding)
    return np.array(rows).reshape(x.shape[0], -1, rows.shape[1])


# --- im2col: memory, dtype, refusals ------------------------------------------------------
@mistake(
    "im2col",
    name="assumes that x lies in memory row by row",
    hints=(
        "Where do your strides come from? Try an image whose axes were exchanged by transpose.",
        "np.array([[5, 6], [7, 8]]).T reads 5 7 / 6 8, but lies in memory as 5 6 7 8. With a "
        "window of 1 the rows are 5 / 7 / 6 / 8; yours are 5 / 6 / 7 / 8.",
        "Two arrays with equal entries give equal rows, however they lie in memory.",
    ),
)
def assumes_c_order(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), (OH, OW) = _given(x, kernel_size, stride, padding)
    framed = pad2d(x, padding) if padding else x
    N, H, W, C = framed.shape
    pixel = framed.itemsize * C
    steps = (H * W * pixel, SH * W * pixel, SW * pixel, W * pixel, pixel, framed.itemsize)
    memory = framed.ravel(order="K")  # as it lies there, and safe to read
    windows = as_strided(memory, (N, OH, OW, KH, KW, C), steps)
    return np.array(windows).reshape(N * OH * OW, KH * KW * C)


@mistake(
    "im2col",
    name="returns a view of x where no window overlaps",
    hints=(
        "Does reshape always copy? Compare np.shares_memory for windows of 1 and of 2.",
        "col = im2col(x, 1); col[0, 0] = 9 must leave x as it was; yours shares its memory.",
        "A result never shares memory with an argument.",
    ),
)
def returns_a_view(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), _ = _given(x, kernel_size, stride, padding)
    framed = pad2d(x, padding) if padding else x
    windows = sliding_window_view(framed, (KH, KW), axis=(1, 2))[:, ::SH, ::SW]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(-1, KH * KW * x.shape[3])


_KEPT: dict = {}


@mistake(
    "im2col",
    name="keeps one matrix for all results of a size, and the next call overwrites it",
    hints=(
        "Where does your function make its matrix: at each call, or once?",
        "Two images of one pixel, 5 and then 6, window 1: after both calls the first matrix must "
        "still hold 5; yours holds 6.",
        "A result belongs to the caller: no later call may change it.",
    ),
)
def keeps_one_matrix(x, kernel_size, stride=1, padding=0):
    right = im2col(x, kernel_size, stride, padding)
    kept = _KEPT.setdefault((right.shape, right.dtype), right)
    kept[...] = right
    return kept


@mistake(
    "im2col",
    name="returns float64 whatever x is",
    hints=(
        "Print the dtype of the matrix for a float32 image. Which line decided it?",
        "float32 images must give a float32 matrix; yours is float64, twice the memory.",
        "Copying changes no value, so the dtype stays that of x.",
    ),
)
def always_float64(x, kernel_size, stride=1, padding=0):
    return im2col(x, kernel_size, stride, padding).astype(np.float64)


@mistake(
    "im2col",
    name="computes sizes with /, which gives fractions",
    hints=(
        "NumPy says what it cannot interpret as an integer. Where does that number come from?",
        "A 3x3 image and a window of 2: 1 / 1 + 1 is 2.0, and no array has 2.0 rows.",
        "Sizes are counts. The first stage has a function that counts.",
    ),
)
def sizes_are_fractions(x, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), _ = _given(x, kernel_size, stride, padding)
    framed = pad2d(x, padding)
    N, H, W, C = framed.shape
    OH, OW = (H - KH) / SH + 1, (W - KW) / SW + 1
    np.zeros((N, OH, OW, KH, KW, C), dtype=x.dtype)


@mistake(
    "im2col",
    name="computes the sizes itself, and lets a window that does not fit pass",
    hints=(
        "What becomes of a window that is larger than the padded image?",
        "A 5x5 window on a 4x4 image has to be refused, with both sizes in the message; yours "
        "gives a matrix without rows.",
        "There is at least one row, or there is an error. The first stage has a function that "
        "sees to it.",
    ),
)
def lets_large_windows_pass(x, kernel_size, stride=1, padding=0):
    require_images(x)
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    framed = pad2d(x, padding)
    N, H, W, C = framed.shape
    OH, OW = (H - kernel[0]) // steps[0] + 1, (W - kernel[1]) // steps[1] + 1
    return _cut(framed, N, C, kernel, steps, (max(OH, 0), max(OW, 0)))


@mistake(
    "im2col",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "A single pixel and a window of 1 must give a 1x1 matrix; yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def cuts_without_return(x, kernel_size, stride=1, padding=0):
    im2col(x, kernel_size, stride, padding)


# --- col2im: adding up --------------------------------------------------------------------
def _sizes(col, input_shape, kernel_size, stride, padding):
    """Check the arguments as the right answer does; all sizes, as pairs."""
    kernel, steps = as_pair(kernel_size, "kernel_size"), as_pair(stride, "stride")
    N, H, W, C = input_shape
    OH, OW = get_output_shape((H, W), kernel, steps, padding)
    expected = (N * OH * OW, kernel[0] * kernel[1] * C)
    if col.shape != expected:
        raise ValueError(f"col must have the shape {expected}, not {col.shape}")
    return kernel, steps, (OH, OW), as_sides(padding)


def _add_up(windows, input_shape, stride, padding, dtype=None):
    """Add windows (N, OH, OW, KH, KW, C) into the padded images, frame included."""
    (SH, SW), ((top, bottom), (left, right)) = as_pair(stride, "stride"), as_sides(padding)
    N, H, W, C = input_shape
    _, OH, OW, KH, KW, _ = windows.shape
    if dtype is None:
        dtype = windows.dtype if windows.dtype.kind == "f" else np.float64
    framed = np.zeros((N, H + top + bottom, W + left + right, C), dtype=dtype)
    for i in range(KH):
        for j in range(KW):
            framed[:, i : i + SH * OH : SH, j : j + SW * OW : SW] += windows[:, :, :, i, j]
    return framed


def _inside(framed, input_shape, top, left):
    """Cut the images out of their frame, beginning at a row and a column."""
    _, H, W, _ = input_shape
    return framed[:, top : top + H, left : left + W].copy()


def _parts(col, input_shape, kernel_size, stride, padding):
    """Take col apart the right way: (N, OH, OW, KH, KW, C)."""
    (KH, KW), _, (OH, OW), _ = _sizes(col, input_shape, kernel_size, stride, padding)
    N, _, _, C = input_shape
    return col.reshape(N, OH, OW, KH, KW, C)


def _put_back(windows, input_shape, stride, padding, dtype=None):
    """Add windows up and drop the frame."""
    (top, _), (left, _) = as_sides(padding)
    framed = _add_up(windows, input_shape, stride, padding, dtype)
    return _inside(framed, input_shape, top, left)


@mistake(
    "col2im",
    name="overwrites where it should add, one slice for each place in the window",
    hints=(
        "Two windows want to write to the same pixel. What is left of the first one?",
        "Two windows of (1, 2) on a 1x3 image, with the rows 5 6 / 7 8: the pixels are "
        "5 13 8, since the middle one gets 6 + 7; yours are 5 6 8.",
        "Without a frame nothing is lost: the sum of all pixels equals the sum of all rows.",
    ),
)
def overwrites_places(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    (SH, SW), ((top, _), (left, _)) = as_pair(stride, "stride"), as_sides(padding)
    framed = np.zeros_like(_add_up(windows, input_shape, stride, padding))
    _, OH, OW, KH, KW, _ = windows.shape
    for i in range(KH):
        for j in range(KW):
            framed[:, i : i + SH * OH : SH, j : j + SW * OW : SW] = windows[:, :, :, i, j]
    return _inside(framed, input_shape, top, left)


@mistake(
    "col2im",
    name="overwrites where it should add, one window after the other",
    hints=(
        "Two windows want to write to the same pixel. What is left of the first one?",
        "Two windows of (1, 2) on a 1x3 image, with the rows 5 6 / 7 8: the pixels are "
        "5 13 8, since the middle one gets 6 + 7; yours are 5 7 8.",
        "Without a frame nothing is lost: the sum of all pixels equals the sum of all rows.",
    ),
    same_as=("adds-once-through-an-index",),
)
def overwrites_windows(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    (SH, SW), ((top, _), (left, _)) = as_pair(stride, "stride"), as_sides(padding)
    framed = np.zeros_like(_add_up(windows, input_shape, stride, padding))
    _, OH, OW, KH, KW, _ = windows.shape
    for i in range(OH):
        for j in range(OW):
            framed[:, i * SH : i * SH + KH, j * SW : j * SW + KW] = windows[:, i, j]
    return _inside(framed, input_shape, top, left)


@mistake(
    "col2im",
    name="adds through an index array, where += counts a repeated pixel once",
    hints=(
        "a = np.zeros(2); a[[0, 0]] += 1. What is a[0] now? NumPy has a function that adds "
        "every time.",
        "Two windows of (1, 2) on a 1x3 image, with the rows 5 6 / 7 8: the pixels are "
        "5 13 8, since the middle one gets 6 + 7; yours are 5 7 8.",
        "Without a frame nothing is lost: the sum of all pixels equals the sum of all rows.",
    ),
    same_as=("overwrites-windows",),
)
def adds_once_through_an_index(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    (SH, SW), ((top, _), (left, _)) = as_pair(stride, "stride"), as_sides(padding)
    framed = np.zeros_like(_add_up(windows, input_shape, stride, padding))
    _, OH, OW, KH, KW, _ = windows.shape
    rows = (np.arange(OH) * SH)[:, None, None, None] + np.arange(KH)[:, None]
    columns = (np.arange(OW) * SW)[:, None, None] + np.arange(KW)
    framed[:, rows, columns] += windows
    return _inside(framed, input_shape, top, left)


@mistake(
    "col2im",
    name="divides by the number of windows: the inverse instead of the adjoint",
    hints=(
        "The round trip gives the image back. Is that what the lesson asks for where windows "
        "overlap?",
        "Two windows of (1, 2) on a 1x3 image, all ones: the pixels are 1 2 1, since the middle "
        "one lies in two windows; yours are 1 1 1.",
        "sum(im2col(x) * c) == sum(x * col2im(c)) for any x and c.",
    ),
)
def divides_by_the_windows(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    sums = _put_back(windows, input_shape, stride, padding)
    counts = _put_back(np.ones_like(windows), input_shape, stride, padding)
    return (sums / np.maximum(counts, 1)).astype(sums.dtype)


@mistake(
    "col2im",
    name="moves the window by one pixel, whatever the stride",
    hints=(
        "At which pixel of the image does the second row of col belong?",
        "A 1x3 image, a window of 1, stride 2, the rows 5 / 6: the pixels are 5 0 6; yours are "
        "5 6 0.",
        "col2im puts every value where im2col would have read it.",
    ),
)
def puts_windows_side_by_side(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    return _put_back(windows, input_shape, 1, padding)


@mistake(
    "col2im",
    name="exchanges the two strides",
    hints=(
        "Equal strides hide it. Try (2, 1).",
        "A 2x2 image, a window of 1, stride (2, 1), the rows 5 / 6: the pixels are 5 6 / 0 0; "
        "yours are 5 0 / 6 0.",
        "Every pair is (height, width): the first stride goes down.",
    ),
)
def exchanges_strides_on_the_way_back(col, input_shape, kernel_size, stride=1, padding=0):
    (KH, KW), (SH, SW), *_ = _sizes(col, input_shape, kernel_size, stride, padding)
    N, H, W, C = input_shape
    OH, OW = get_output_shape((H, W), (KH, KW), (SW, SH), padding)
    windows = col.reshape(N, OH, OW, KH, KW, C)
    return _put_back(windows, input_shape, (SW, SH), padding)


@mistake(
    "col2im",
    name="puts the window back rotated by 180 degrees",
    hints=(
        "In which order do you walk through a row of col? In which did im2col write it?",
        "One window of (1, 2) with the row 5 6: the pixels are 5 6; yours are 6 5.",
        "Where windows tile, col2im(im2col(x)) is x.",
    ),
)
def puts_back_rotated(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    return _put_back(windows[:, :, :, ::-1, ::-1], input_shape, stride, padding)


# --- col2im: taking col apart -------------------------------------------------------------
def _apart(col, input_shape, kernel_size, stride, padding, axes):
    """Take col apart as if it had been written in the order `axes`, and put it back."""
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    as_written = col.reshape([windows.shape[axis] for axis in axes])
    return _put_back(as_written.transpose(np.argsort(axes)), input_shape, stride, padding)


@mistake(
    "col2im",
    name="reads the columns as (C, KH, KW) instead of (KH, KW, C)",
    hints=(
        "With one channel you cannot see it. In which order did im2col write a row?",
        "One window of (1, 2) with the row 5 50 6 60, two channels: the pixels are 5 50 and "
        "6 60; yours are 5 6 and 50 60.",
        "Undo the steps of im2col, the last one first.",
    ),
)
def reads_channels_first(col, input_shape, kernel_size, stride=1, padding=0):
    return _apart(col, input_shape, kernel_size, stride, padding, (0, 1, 2, 5, 3, 4))


@mistake(
    "col2im",
    name="reads the columns as (KW, KH, C) instead of (KH, KW, C)",
    hints=(
        "One row or column of pixels hides it. In which order did im2col walk through a window?",
        "One window of 2 with the row 5 6 7 8: the pixels are 5 6 / 7 8; yours are 5 7 / 6 8.",
        "Undo the steps of im2col, the last one first.",
    ),
)
def reads_windows_by_column(col, input_shape, kernel_size, stride=1, padding=0):
    return _apart(col, input_shape, kernel_size, stride, padding, (0, 1, 2, 4, 3, 5))


@mistake(
    "col2im",
    name="reads the rows as (N, OW, OH) instead of (N, OH, OW)",
    hints=(
        "Which position does the second row of col belong to?",
        "A 2x2 image, a window of 1, the rows 5 / 6 / 7 / 8: the pixels are 5 6 / 7 8; yours "
        "are 5 7 / 6 8.",
        "Row (n*OH + oh)*OW + ow belongs to the position (oh, ow) of image n.",
    ),
)
def reads_positions_by_column(col, input_shape, kernel_size, stride=1, padding=0):
    return _apart(col, input_shape, kernel_size, stride, padding, (0, 2, 1, 3, 4, 5))


@mistake(
    "col2im",
    name="reads the rows as (OH, OW, N) instead of (N, OH, OW)",
    hints=(
        "With one image you cannot see it. Which image does the second row of col belong to?",
        "Two 1x2 images, a window of 1, the rows 5 / 6 / 7 / 8: the images are 5 6 and 7 8; "
        "yours are 5 7 and 6 8.",
        "Row (n*OH + oh)*OW + ow belongs to the position (oh, ow) of image n.",
    ),
)
def reads_images_last(col, input_shape, kernel_size, stride=1, padding=0):
    return _apart(col, input_shape, kernel_size, stride, padding, (1, 2, 0, 3, 4, 5))


@mistake(
    "col2im",
    name="reshapes the rows straight to (N, KH, KW, C, OH, OW), without exchanging axes",
    hints=(
        "Which axis do the rows of col count, and where does your reshape put it?",
        "A 1x4 image, a window of (1, 2), the rows 1 2 / 3 4 / 5 6: the pixels are 1 5 9 6; "
        "yours are 1 6 8 6.",
        "reshape keeps the order in which values are read; it never exchanges two axes.",
    ),
)
def forgets_the_transpose_back(col, input_shape, kernel_size, stride=1, padding=0):
    return _apart(col, input_shape, kernel_size, stride, padding, (0, 3, 4, 5, 1, 2))


@mistake(
    "col2im",
    name="reshapes the rows straight to (KH, KW, C, N, OH, OW), without exchanging axes",
    hints=(
        "Which axis do the rows of col count, and where does your reshape put it?",
        "A 1x4 image, a window of (1, 2), the rows 1 2 / 3 4 / 5 6: the pixels are 1 5 9 6; "
        "yours are 1 6 8 6.",
        "reshape keeps the order in which values are read; it never exchanges two axes.",
    ),
)
def reshapes_rows_to_planes(col, input_shape, kernel_size, stride=1, padding=0):
    return _apart(col, input_shape, kernel_size, stride, padding, (3, 4, 5, 0, 1, 2))


@mistake(
    "col2im",
    name="counts the windows on the image without its frame",
    hints=(
        "How many rows does col have, and how many does your code expect?",
        "A 2x2 image, a window of 2, padding 1: col has 9 rows; you expect a single one, and "
        "NumPy cannot reshape.",
        "col has N*OH*OW rows, with OH and OW of the padded image.",
    ),
)
def expects_unpadded_windows(col, input_shape, kernel_size, stride=1, padding=0):
    (KH, KW), steps, *_ = _sizes(col, input_shape, kernel_size, stride, padding)
    N, H, W, C = input_shape
    OH, OW = get_output_shape((H, W), (KH, KW), steps)
    windows = col.reshape(N, OH, OW, KH, KW, C)
    return _put_back(windows, input_shape, stride, padding)


@mistake(
    "col2im",
    name="accepts a matrix that does not belong to these images",
    hints=(
        "What does your code do with a col that has one row too few, or that is transposed?",
        "A 1x4 image and a window of (1, 2): col has the shape (3, 2). One of shape (2, 3) must "
        "be refused; yours takes its values in the wrong order.",
        "col has N*OH*OW rows and KH*KW*C columns, or it is an error.",
    ),
)
def accepts_any_matrix(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError(f"col must be an array, not {type(col).__name__}")
    KH, KW = as_pair(kernel_size, "kernel_size")
    N, H, W, C = input_shape
    OH, OW = get_output_shape((H, W), (KH, KW), stride, padding)
    windows = col.reshape(N, OH, OW, KH, KW, C)
    return _put_back(windows, input_shape, stride, padding)


@mistake(
    "col2im",
    name="counts the rows of col, and not its columns",
    hints=(
        "What does your code do with a col that has one value for each pixel of a window, where "
        "the images have two channels?",
        "A 1x3 image with 2 channels and a window of (1, 2): col has the shape (2, 4). One of "
        "shape (2, 2) must be refused; yours puts each value into both channels.",
        "col has N*OH*OW rows and KH*KW*C columns, or it is an error.",
    ),
)
def counts_the_rows_alone(col, input_shape, kernel_size, stride=1, padding=0):
    if not isinstance(col, np.ndarray):
        raise TypeError(f"col must be an array, not {type(col).__name__}")
    KH, KW = as_pair(kernel_size, "kernel_size")
    N, H, W, C = input_shape
    OH, OW = get_output_shape((H, W), (KH, KW), stride, padding)
    if len(col) != N * OH * OW:
        raise ValueError(f"col must have {N * OH * OW} rows, not {len(col)}")
    windows = col.reshape(N, OH, OW, KH, KW, -1)
    return _put_back(windows, input_shape, stride, padding)


# --- col2im: dropping the frame -----------------------------------------------------------
def _framed(col, input_shape, kernel_size, stride, padding):
    """Do it right up to the padded images; these, and the four sides."""
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    (top, bottom), (left, right) = as_sides(padding)
    return _add_up(windows, input_shape, stride, padding), (top, bottom, left, right)


@mistake(
    "col2im",
    name="cuts the frame off with negative indices, which fails for a padding of 0",
    hints=(
        "What is a slice that ends at -0?",
        "A 1x2 image with padding (1, 0): the frame has rows only, and your slice 0:-0 of the "
        "columns is empty.",
        "The result has H rows and W columns, whatever the padding.",
    ),
)
def cuts_at_minus_zero(col, input_shape, kernel_size, stride=1, padding=0):
    framed, (top, bottom, left, right) = _framed(col, input_shape, kernel_size, stride, padding)
    return framed[:, top:-bottom, left:-right].copy()


@mistake(
    "col2im",
    name="cuts the frame off with negative indices as soon as one side has one",
    hints=(
        "You thought of padding 0, but each side may be 0 on its own. What is x[0:-0]?",
        "A 1x2 image with padding (1, 0): the frame has rows only, and your slice 0:-0 of the "
        "columns is empty.",
        "The result has H rows and W columns, whatever the padding.",
    ),
)
def cuts_at_minus_zero_if_padded(col, input_shape, kernel_size, stride=1, padding=0):
    framed, (top, bottom, left, right) = _framed(col, input_shape, kernel_size, stride, padding)
    if top or bottom or left or right:
        return framed[:, top:-bottom, left:-right].copy()
    return framed


@mistake(
    "col2im",
    name="returns the images with their frame",
    hints=(
        "Compare the shape of your result with input_shape.",
        "A 1x1 image with padding 1 must come back as 1x1; yours is 3x3.",
        "The frame is not part of the image: what falls on it is dropped.",
    ),
)
def keeps_the_frame(col, input_shape, kernel_size, stride=1, padding=0):
    return _framed(col, input_shape, kernel_size, stride, padding)[0]


@mistake(
    "col2im",
    name="cuts the images out of the upper left corner of the padded ones",
    hints=(
        "The shape is right. At which row and column of the padded image does the image begin?",
        "A 1x1 image, a window of 1, padding 1, the rows 1 to 9: the pixel is 5, in the middle; "
        "yours is 1.",
        "Pixel (0, 0) of the image stands at (top, left) of the padded one.",
    ),
)
def cuts_from_the_corner(col, input_shape, kernel_size, stride=1, padding=0):
    framed, _ = _framed(col, input_shape, kernel_size, stride, padding)
    return _inside(framed, input_shape, 0, 0)


@mistake(
    "col2im",
    name="exchanges top and left when it cuts the images out",
    hints=(
        "Equal paddings hide it. Which number do you cut off above?",
        "A 1x1 image, a window of 1, padding ((0, 0), (1, 0)), the rows 5 / 6: the pixel is 6, "
        "right of the frame; yours is not there at all.",
        "Pixel (0, 0) of the image stands at (top, left) of the padded one.",
    ),
)
def cuts_with_top_and_left_exchanged(col, input_shape, kernel_size, stride=1, padding=0):
    framed, (top, _, left, _) = _framed(col, input_shape, kernel_size, stride, padding)
    return _inside(framed, input_shape, left, top)


@mistake(
    "col2im",
    name="cuts off before the images what belongs after them",
    hints=(
        "Equal sides hide it. Try a padding of ((0, 1), (0, 0)).",
        "A 1x1 image, a window of 1, padding ((0, 1), (0, 0)), the rows 5 / 6: the pixel is 5, "
        "above the frame; yours is 6.",
        "Pixel (0, 0) of the image stands at (top, left) of the padded one.",
    ),
)
def cuts_off_bottom_and_right_first(col, input_shape, kernel_size, stride=1, padding=0):
    framed, (_, bottom, _, right) = _framed(col, input_shape, kernel_size, stride, padding)
    return _inside(framed, input_shape, bottom, right)


@mistake(
    "col2im",
    name="makes no room for the frame",
    hints=(
        "NumPy says which two shapes do not fit. Where do values go that belong on the frame?",
        "A 1x1 image, a window of 1, padding 1: there are 3x3 positions, and your array has room "
        "for 1x1.",
        "Add up in an array as large as the padded image; drop the frame in the end.",
    ),
)
def makes_no_room_for_the_frame(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    return _add_up(windows, input_shape, stride, 0)


@mistake(
    "col2im",
    name="uses `padding` as one number, though it may be a pair",
    hints=(
        "Which forms may the padding have? The stub has already turned them into one.",
        "padding=(1, 2) means 1 row and 2 columns on either side: a 1x1 image becomes 3x5; "
        "yours ends in a TypeError.",
        "An int, a pair and a pair of pairs all end up as top, bottom, left and right.",
    ),
)
def crops_with_a_number(col, input_shape, kernel_size, stride=1, padding=0):
    framed, _ = _framed(col, input_shape, kernel_size, stride, padding)
    _, H, W, _ = input_shape
    return framed[:, padding : padding + H, padding : padding + W].copy()


# --- col2im: the dtype --------------------------------------------------------------------
@mistake(
    "col2im",
    name="adds up in whole numbers",
    hints=(
        "NumPy says which two dtypes do not go together. What dtype has the array that you add "
        "into?",
        "One window of 1 with the row 0.75: the pixel is 0.75. An array of ints has no place for "
        "it, and yours ends in an error.",
        "Gradients are fractions: float32 and float64 keep their dtype, integers give float64.",
    ),
)
def adds_whole_numbers(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    return _put_back(windows, input_shape, stride, padding, np.int64)


@mistake(
    "col2im",
    name="keeps sums of whole numbers as whole numbers",
    hints=(
        "Which dtype does the docstring promise for a matrix of integers?",
        "One window of 1 with the row 3: the pixel is 3.0, in float64; yours is 3, in int64.",
        "float32 and float64 keep their dtype; integers give float64.",
    ),
)
def keeps_integers(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    dtype = col.dtype if col.dtype.kind == "f" else np.int64
    return _put_back(windows, input_shape, stride, padding, dtype)


@mistake(
    "col2im",
    name="adds up in the dtype of col, where sums of small integers overflow",
    hints=(
        "What dtype has the array that you add into? What is the largest number it can hold?",
        "Two windows of (1, 2) on a 1x3 image, all 200 in uint8: the pixels are 200 400 200; "
        "yours are 200 144 200.",
        "float32 and float64 keep their dtype; integers give float64.",
    ),
)
def adds_in_the_dtype_of_col(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    return _put_back(windows, input_shape, stride, padding, col.dtype)


@mistake(
    "col2im",
    name="returns float64 whatever col is",
    hints=(
        "Print the dtype of the result for a float32 matrix. Which line decided it?",
        "A float32 matrix must give float32 images; yours are float64, twice the memory.",
        "float32 and float64 keep their dtype; integers give float64.",
    ),
)
def puts_back_float64(col, input_shape, kernel_size, stride=1, padding=0):
    return col2im(col, input_shape, kernel_size, stride, padding).astype(np.float64)


@mistake(
    "col2im",
    name="returns float32 whatever col is",
    hints=(
        "Print the dtype of the result for a float64 matrix. Which line decided it?",
        "A float64 matrix must give float64 images; yours are float32, with 7 digits for 16.",
        "float32 and float64 keep their dtype; integers give float64.",
    ),
)
def puts_back_float32(col, input_shape, kernel_size, stride=1, padding=0):
    windows = _parts(col, input_shape, kernel_size, stride, padding)
    return _put_back(windows, input_shape, stride, padding, np.float32)


@mistake(
    "col2im",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "A 1x1 matrix for a single pixel must give a 1x1 image; yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def adds_without_return(col, input_shape, kernel_size, stride=1, padding=0):
    col2im(col, input_shape, kernel_size, stride, padding)
