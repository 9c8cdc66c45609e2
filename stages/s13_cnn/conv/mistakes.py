"""Known wrong answers of this stage, what they are called, and how a tutor would hint."""

import numpy as np

from grader.mistakes import mistake
from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.conv.conv import (
    Conv2D,
    conv2d_backward,
    conv2d_forward,
    conv2d_naive,
)
from stages.s13_cnn.im2col.im2col import col2im, im2col
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


# --- what the wrong versions have in common ---------------------------------------------------
def _refuse(x, W, b):
    """Refuse what the stage's own, given checks refuse."""
    require_images(x)
    require_images(W, "W")
    if x.shape[3] != W.shape[2]:
        raise ValueError(f"x has {x.shape[3]} channels, but the filters in W have {W.shape[2]}")
    if b.shape != W.shape[3:]:
        raise ValueError(f"b has shape {b.shape}, but W holds {W.shape[3]} filters")


def _floats(x):
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)


def _ready(x, W, b, stride, padding):
    """Return the padded images, zeros for the result, and the strides."""
    _refuse(x, W, b)
    OH, OW = get_output_shape(x.shape[1:3], W.shape[:2], stride, padding)
    padded = _floats(pad2d(x, padding))
    out = np.zeros((len(x), OH, OW, W.shape[3]), np.result_type(padded, W))
    return padded, out, as_pair(stride, "stride")


def _stops(x, W, b, stride, padding):
    """Return zeros for the result, and a generator of (n, oh, ow, f) with the right window."""
    padded, out, (SH, SW) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    stops = np.ndindex(out.shape)
    return out, (
        ((n, oh, ow, f), padded[n, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW])
        for n, oh, ow, f in stops
    )


def _windows(x, W, b, stride, padding):
    """Return the right windows, the filters as columns, and the right shape of the result."""
    _refuse(x, W, b)
    shape = get_output_shape(x.shape[1:3], W.shape[:2], stride, padding)
    col = im2col(_floats(x), W.shape[:2], stride, padding)
    return col, W.reshape(-1, W.shape[3]), (len(x), *shape, W.shape[3])


# --- conv2d_naive -----------------------------------------------------------------------------
@mistake(
    "conv2d_naive",
    name="does not visit its windows one after the other: many come in one product",
    hints=(
        "Whom would you believe that the matrix product is right, if not plain loops?",
        "For an image of 3x4 and a filter of 2x2 the loops stop at 2 * 3 = 6 windows, one after "
        "the other; yours take them all together.",
        "The two functions are two ways to the same numbers: one product for all windows is the "
        "other way.",
    ),
)
def loops_by_the_matrix_product(x, W, b, stride=1, padding=0):
    return conv2d_forward(x, W, b, stride, padding)[0]


@mistake(
    "conv2d_naive",
    name="leaves out the bias",
    hints=(
        "Which of its three arrays does your function never read?",
        "One black pixel, one filter with the weight 3 and the bias 10: the output is 10, "
        "yours is 0.",
        "Where all pixels are 0, every output is the bias of its filter.",
    ),
)
def loops_without_bias(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., index[3]])
    return out


@mistake(
    "conv2d_naive",
    name="adds the bias to every product of a window, not once to their sum",
    hints=(
        "When do you add the bias: for each pixel of the window, or when the window is done?",
        "Pixels 2 3 / 4 5 under four weights of 1, bias 100: the output is 14 + 100 = 114, "
        "yours is 414.",
        "If a bias grows by 1, every output of its map grows by exactly 1, however large the "
        "filter is.",
    ),
)
def loops_with_the_bias_in_the_sum(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., index[3]] + b[index[3]])
    return out


@mistake(
    "conv2d_naive",
    name="gives every filter the first bias",
    hints=(
        "How many biases are there, and what decides which of them you add?",
        "A black pixel and two filters with the biases 1 and 2: the outputs are 1 and 2, "
        "yours are 1 and 1.",
        "A map has the bias of its own filter: the same place in b as in the last axis of W.",
    ),
)
def loops_with_one_bias(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., index[3]]) + b[0]
    return out


@mistake(
    "conv2d_naive",
    name="turns the filter by 180 degrees",
    hints=(
        "Which weight meets the top left pixel of the window?",
        "Image 1 2 / 3 4, filter 1 0 / 0 0: the output is 1, yours is 4.",
        "This course computes the cross-correlation: the filter lies on the window as it is.",
    ),
)
def loops_turn_the_filter(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[::-1, ::-1, :, index[3]]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="turns the filter upside down",
    hints=(
        "Does your row of the filter run in the same direction as the row of the window?",
        "Image 1 2 / 3 4, filter 1 0 / 0 0: the output is 1, yours is 3.",
        "The filter lies on the window as it is: its first row on the first row.",
    ),
)
def loops_turn_the_filter_upside_down(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[::-1, :, :, index[3]]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="mirrors the filter left to right",
    hints=(
        "Does your column of the filter run in the same direction as the column of the window?",
        "Image 1 2 / 3 4, filter 1 0 / 0 0: the output is 1, yours is 2.",
        "The filter lies on the window as it is: its first column on the first column.",
    ),
)
def loops_mirror_the_filter(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[:, ::-1, :, index[3]]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="exchanges the rows and columns of the filter",
    hints=(
        "Which of the first two axes of W counts the rows of the kernel?",
        "Image 1 2 / 3 4, filter 0 1 / 0 0: the output is 2, yours is 3.",
        "The filter lies on the window as it is: its first row on the first row.",
    ),
)
def loops_transpose_the_filter(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., index[3]].swapaxes(0, 1)) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="looks at the first channel only",
    hints=(
        "How many numbers does one window hold, and how many of them do you use?",
        "One pixel with the channels 2 and 3 under the weights 10 and 100: the output is "
        "20 + 300 = 320, yours is 20.",
        "Each filter sees all channels: any channel of any pixel in the window can change it.",
    ),
)
def loops_see_one_channel(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window[:, :, 0] * W[:, :, 0, index[3]]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="sums over height and width and leaves one number for each channel",
    hints=(
        "Over which axes of the window do you add up? Print the shape of the sum.",
        "One pixel with the channels 2 and 3 under the weights 10 and 100 gives one number, "
        "320; yours are two, 20 and 300.",
        "A window and a filter make one single number, however many channels they have.",
    ),
)
def loops_keep_the_channels_apart(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., index[3]], axis=(0, 1)) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="multiplies the window by all filters at once",
    hints=(
        "Print the shapes of the two things that you multiply: how many filters are in it?",
        "The pixel 2 under two filters with the weights 3 and 5: the outputs are 6 and 10, "
        "yours are 16 and 16.",
        "One filter makes one map: the other filters may change without changing it.",
    ),
)
def loops_multiply_by_all_filters(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="adds up the results of all filters in every map",
    hints=(
        "Over which axes do you add up? One of them counts the filters.",
        "The pixel 2 under two filters with the weights 3 and 5: the outputs are 6 and 10, "
        "yours are 16 and 16.",
        "One filter makes one map: the other filters may change without changing it.",
    ),
)
def loops_add_up_the_filters(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window[..., np.newaxis] * W) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="uses the first filter for every map",
    hints=(
        "Which of your loops decides which filter is used?",
        "The pixel 2 under two filters with the weights 3 and 5: the outputs are 6 and 10, "
        "yours are 6 and 6.",
        "Two different filters make two different maps.",
    ),
)
def loops_use_one_filter(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., 0]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="keeps the last product of each window instead of their sum",
    hints=(
        "What is in out[n, oh, ow, f] after the first product, and what after the second?",
        "Pixels 2 3 / 4 5 under four weights of 1, no bias: the output is 14, yours is 5.",
        "Each pixel of a window changes the output, the first one as well as the last.",
    ),
)
def loops_keep_the_last_product(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        for place in np.ndindex(window.shape):
            out[index] = window[place] * W[(*place, index[3])]
        out[index] += b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="cuts its windows out of the image without the frame",
    hints=(
        "You have two arrays of pixels, with and without the frame. Which of them do you cut?",
        "The image 5 with padding 1 and the filter 1 2 3 / 4 5 6 / 7 8 9: only the 5 in its "
        "centre meets the pixel, the output is 25; yours is 225.",
        "With padding, the first window starts in the frame.",
    ),
)
def loops_slice_the_bare_image(x, W, b, stride=1, padding=0):
    _, out, (SH, SW) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    for n, oh, ow, f in np.ndindex(out.shape):
        window = _floats(x)[n, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="counts the outputs of the image without its frame",
    hints=(
        "What do you tell get_output_shape, and what does it not know?",
        "A 1x1 image with padding 1 and a 2x2 filter has 2x2 outputs; without the frame the "
        "filter would not even fit.",
        "Every row and column of the frame makes room for another output (at stride 1).",
    ),
)
def loops_count_without_the_frame(x, W, b, stride=1, padding=0):
    padded, _, (SH, SW) = _ready(x, W, b, stride, padding)
    KH, KW, _, C_out = W.shape
    OH, OW = get_output_shape(x.shape[1:3], (KH, KW), (SH, SW))
    out = np.zeros((len(x), OH, OW, C_out), np.result_type(padded, W))
    for n, oh, ow, f in np.ndindex(out.shape):
        window = padded[n, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="starts every window one pixel after the last, whatever the stride",
    hints=(
        "Print where your windows start for the outputs (0, 0) and (0, 1) at stride 2.",
        "Pixels 1 2 3 4 5 in a row, a single weight of 10, stride 2: 10 30 50; yours is 10 20 30.",
        "At stride s, neighbouring windows start s pixels apart.",
    ),
)
def loops_start_without_the_stride(x, W, b, stride=1, padding=0):
    padded, out, _ = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    for n, oh, ow, f in np.ndindex(out.shape):
        window = padded[n, oh : oh + KH, ow : ow + KW]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="steps down by the stride to the right, and to the right by the stride down",
    hints=(
        "Which of the two numbers of the stride moves a window down?",
        "Image 1 2 3 / 4 5 6 / 7 8 9, a single weight of 1, stride (2, 1): 1 2 3 / 7 8 9; "
        "yours is 1 3 0 / 4 6 0.",
        "Every pair in this course is (height, width): the first number belongs to the rows.",
    ),
)
def loops_swap_the_strides(x, W, b, stride=1, padding=0):
    padded, out, (SH, SW) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    for n, oh, ow, f in np.ndindex(out.shape):
        window = padded[n, oh * SW : oh * SW + KH, ow * SH : ow * SH + KW]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="takes the step down for the step to the right as well",
    hints=(
        "Which of the two numbers of the stride moves a window to the right?",
        "Pixels 1 2 3 in a row, a single weight of 1, stride (2, 1): 1 2 3; your second window "
        "starts at the 3, and your third behind the image.",
        "Every pair in this course is (height, width): the second number belongs to the columns.",
    ),
)
def loops_take_one_stride(x, W, b, stride=1, padding=0):
    padded, out, (SH, _) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    for n, oh, ow, f in np.ndindex(out.shape):
        window = padded[n, oh * SH : oh * SH + KH, ow * SH : ow * SH + KW]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="takes the step to the right for the step down as well",
    hints=(
        "Which of the two numbers of the stride moves a window down?",
        "Pixels 1 2 3 in a column, a single weight of 1, stride (2, 1): 1 3; yours is 1 2.",
        "Every pair in this course is (height, width): the first number belongs to the rows.",
    ),
)
def loops_take_the_other_stride(x, W, b, stride=1, padding=0):
    padded, out, (_, SW) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    for n, oh, ow, f in np.ndindex(out.shape):
        window = padded[n, oh * SW : oh * SW + KH, ow * SW : ow * SW + KW]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="cuts its windows a row and a column too short",
    hints=(
        "Print the shape of one window beside the shape of one filter.",
        "Pixels 2 3 / 4 5 under four weights of 1: the output is 14; yours is 8, the first "
        "pixel four times.",
        "A window has as many rows and columns as the filter; the end of a slice is not in it.",
    ),
)
def loops_cut_too_short(x, W, b, stride=1, padding=0):
    padded, out, (SH, SW) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    for n, oh, ow, f in np.ndindex(out.shape):
        window = padded[n, oh * SH : oh * SH + KH - 1, ow * SW : ow * SW + KW - 1]
        out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="convolves the first image again and again",
    hints=(
        "Which of your loops chooses the image, and where do you use its number?",
        "Two images of one pixel, 2 and 3, under the weight 10: 20 and 30; yours are 20 and 20.",
        "Each image of a batch has a result of its own: exchange two, and the results exchange.",
    ),
)
def loops_repeat_the_first_image(x, W, b, stride=1, padding=0):
    out, stops = _stops(np.repeat(x[:1], len(x), axis=0), W, b, stride, padding)
    for index, window in stops:
        out[index] = np.sum(window * W[..., index[3]]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="returns after the first image",
    hints=(
        "How far is the line with return indented?",
        "Two images of one pixel, 2 and 3, under the weight 10: 20 and 30; yours are 20 and 0.",
        "The result is finished when the last loop is, not before.",
    ),
)
def loops_return_too_early(x, W, b, stride=1, padding=0):
    out, stops = _stops(x, W, b, stride, padding)
    for index, window in stops:
        if index[0] == 1:
            return out
        out[index] = np.sum(window * W[..., index[3]]) + b[index[3]]
    return out


@mistake(
    "conv2d_naive",
    name="runs over the columns where the rows should be",
    hints=(
        "How often does the loop over the rows run, how often the one over the columns?",
        "A 1x3 image and a 1x1 filter have one row of three outputs; yours asks for row 1, "
        "which is not there.",
        "OH counts rows and OW counts columns; only on a square are they the same.",
    ),
)
def loops_swap_rows_and_columns(x, W, b, stride=1, padding=0):
    padded, out, (SH, SW) = _ready(x, W, b, stride, padding)
    KH, KW = W.shape[:2]
    N, OH, OW, C_out = out.shape
    for n, oh, ow, f in np.ndindex(N, OW, OH, C_out):
        window = padded[n, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW]
        out[n, oh, ow, f] = np.sum(window * W[: len(window), : window.shape[1], :, f]) + b[f]
    return out


@mistake(
    "conv2d_naive",
    name="puts the filters before the rows and columns: (N, C_out, OH, OW)",
    hints=(
        "Read the shape of your result aloud, one letter for each axis.",
        "One image of 1x1 and two filters have a result of shape (1, 1, 1, 2); yours has "
        "(1, 2, 1, 1).",
        "Images here are (N, H, W, C), and the result is again a batch of images.",
    ),
)
def loops_put_the_filters_first(x, W, b, stride=1, padding=0):
    out = conv2d_naive(x, W, b, stride, padding)
    return out.transpose(0, 3, 1, 2).copy()


@mistake(
    "conv2d_naive",
    name="stores the results in the type of the pixels, which rounds them",
    hints=(
        "What type has the array that you fill, and where does it get it from?",
        "The pixel 1, stored as an integer, under the weight 0.5: 0.5; yours is 0.",
        "The result is a floating-point number, also for images of whole numbers.",
    ),
)
def loops_round_to_pixels(x, W, b, stride=1, padding=0):
    return conv2d_naive(x, W, b, stride, padding).astype(x.dtype)


@mistake(
    "conv2d_naive",
    name="stores the results in the type of the filters, which rounds them",
    hints=(
        "What type has the array that you fill, and where does it get it from?",
        "The pixel 1.5 under the weight 3, stored as an integer: 4.5; yours is 4.",
        "The result is a floating-point number, also for filters of whole numbers.",
    ),
)
def loops_round_to_filters(x, W, b, stride=1, padding=0):
    return conv2d_naive(x, W, b, stride, padding).astype(W.dtype)


@mistake(
    "conv2d_naive",
    name="makes float64 of everything",
    hints=(
        "What type does np.zeros give when nobody asks for one?",
        "A float32 image with float32 filters: the result takes 4 bytes for each number; "
        "yours takes 8.",
        "float32 in, float32 out.",
    ),
)
def loops_in_double(x, W, b, stride=1, padding=0):
    return conv2d_naive(x, W, b, stride, padding).astype(np.float64)


@mistake(
    "conv2d_naive",
    name="takes the padding before the stride",
    hints=(
        "In which order do the docstring and your first line name the arguments?",
        "Pixels 1 2 3 4 5 in a row under a 1x1 filter, called with a 2 after b, for the stride: "
        "1x3 outputs; yours has 5x9, since it lays a frame of 2.",
        "A signature is a promise: others call your function by its order as well as its names.",
    ),
)
def loops_with_padding_before_stride(x, W, b, padding=0, stride=1):
    return conv2d_naive(x, W, b, stride, padding)


@mistake(
    "conv2d_naive",
    name="returns nothing",
    hints=(
        "What is the last line that your function runs?",
        "An image of one pixel 2 under the weight 3 must give an array with the number 6; "
        "yours gives None.",
        "A function without return returns None, whatever it has computed or printed.",
    ),
)
def loops_return_nothing(x, W, b, stride=1, padding=0):
    conv2d_naive(x, W, b, stride, padding)


# --- conv2d_forward ---------------------------------------------------------------------------
@mistake(
    "conv2d_forward",
    name="computes the windows in a loop, one after the other",
    hints=(
        "How often does Python come to the line with your product, for an image of 100x100?",
        "For a 3x4 image and a 2x2 filter col has 6 rows: all 6 results come from one product "
        "of a 6x4 matrix; yours takes several.",
        "Each row of col is one window: the whole of col times the filters is the whole result.",
    ),
    same_as=("forward-by-the-loops",),  # only time shows either
)
def forward_loops_over_positions(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    N, OH, OW, C_out = shape
    rows = col.reshape(N, OH * OW, -1)
    out = np.empty((N, OH * OW, C_out), np.result_type(col, W))
    for position in range(OH * OW):
        out[:, position] = rows[:, position] @ columns + b
    return out.reshape(shape), col


@mistake(
    "conv2d_forward",
    name="calls the loops of conv2d_naive",
    hints=(
        "Where is the one matrix product that this function is about?",
        "For a 3x4 image and a 2x2 filter col has 6 rows: all 6 results come from one product "
        "of a 6x4 matrix; yours comes from 6 windows, one after the other.",
        "The two functions are two ways to the same numbers: neither may call the other.",
    ),
    same_as=("forward-loops-over-positions",),  # only time shows either
)
def forward_by_the_loops(x, W, b, stride=1, padding=0):
    col, _, _ = _windows(x, W, b, stride, padding)
    return conv2d_naive(x, W, b, stride, padding), col


@mistake(
    "conv2d_forward",
    name="leaves out the bias",
    hints=(
        "What is your result for an image where all pixels are 0?",
        "One black pixel, one filter with the weight 3 and the bias 10: the output is 10, "
        "yours is 0.",
        "Where all pixels are 0, every output is the bias of its filter.",
    ),
)
def forward_without_bias(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    return (col @ columns).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="adds the bias to every product of a window, not once to their sum",
    hints=(
        "How often is a bias added to one output?",
        "Pixels 2 3 / 4 5 under four weights of 1, bias 100: the output is 14 + 100 = 114, "
        "yours is 414.",
        "If a bias grows by 1, every output of its map grows by exactly 1, however large the "
        "filter is.",
    ),
)
def forward_with_the_bias_in_the_sum(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    out = (col[:, :, np.newaxis] * columns + b).sum(axis=1)
    return out.reshape(shape), col


@mistake(
    "conv2d_forward",
    name="adds the bias twice",
    hints=(
        "Search your function for the letter b: how many of these lines add it?",
        "One black pixel, one filter with the bias 10: the output is 10, yours is 20.",
        "If a bias grows by 1, every output of its map grows by exactly 1.",
    ),
)
def forward_with_the_bias_twice(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    out = (col @ columns + b).reshape(shape)
    return out + b, col


@mistake(
    "conv2d_forward",
    name="gives every filter the first bias",
    hints=(
        "How many biases are there, and how many of them does your result contain?",
        "A black pixel and two filters with the biases 1 and 2: the outputs are 1 and 2, "
        "yours are 1 and 1.",
        "A map has the bias of its own filter: the same place in b as in the last axis of W.",
    ),
)
def forward_with_one_bias(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    return (col @ columns + b[0]).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="reshapes W as if the filters stood on its first axis, and transposes that",
    hints=(
        "Which axis of W counts the filters, and which numbers does your reshape put together?",
        "The pixel with the channels 1 and 0, and W of shape (1, 1, 2, 2) with the rows 1 2 / "
        "3 4, one row for each channel: the outputs are 1 and 2; yours are 1 and 3.",
        "A column of the filter matrix holds all weights of one filter and none of another.",
    ),
)
def forward_with_scrambled_filters(x, W, b, stride=1, padding=0):
    col, _, shape = _windows(x, W, b, stride, padding)
    return (col @ W.reshape(W.shape[3], -1).T + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="gives the result the shape (N, C_out, OH, OW)",
    hints=(
        "Read the shape of your result aloud, one letter for each axis.",
        "One image of 1x1 and two filters have a result of shape (1, 1, 1, 2); yours has "
        "(1, 2, 1, 1).",
        "Images here are (N, H, W, C), and the result is again a batch of images.",
    ),
)
def forward_reshaped_with_the_filters_first(x, W, b, stride=1, padding=0):
    col, columns, (N, OH, OW, C_out) = _windows(x, W, b, stride, padding)
    return (col @ columns + b).reshape(N, C_out, OH, OW), col


@mistake(
    "conv2d_forward",
    name="reshapes to (N, C_out, OH, OW) first and transposes then, which scrambles the numbers",
    hints=(
        "In which order do the numbers of your product lie in memory: whose neighbour is whose?",
        "Pixels 1 2 in a row and two filters with the weights 1 and 10: the maps are 1 2 and "
        "10 20; yours are 1 10 and 2 20.",
        "A reshape moves no number. One row of the product holds one position, all filters.",
    ),
)
def forward_reshaped_then_transposed(x, W, b, stride=1, padding=0):
    col, columns, (N, OH, OW, C_out) = _windows(x, W, b, stride, padding)
    out = (col @ columns + b).reshape(N, C_out, OH, OW)
    return out.transpose(0, 2, 3, 1).copy(), col


@mistake(
    "conv2d_forward",
    name="reshapes the transposed product, which scrambles the numbers",
    hints=(
        "Your product has one row for each filter. Is that the order that the reshape expects?",
        "Pixels 1 2 in a row and two filters with the weights 1 and 10: the maps are 1 2 and "
        "10 20; yours are 1 10 and 2 20.",
        "A reshape moves no number. The last axis of the result counts the filters.",
    ),
)
def forward_reshaped_from_rows_of_filters(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    out = columns.T @ col.T + b[:, np.newaxis]
    return out.reshape(shape), col


@mistake(
    "conv2d_forward",
    name="exchanges OH and OW in the shape of the result",
    hints=(
        "Which number comes first, rows or columns?",
        "A 1x3 image under a 1x1 filter has a result of shape (1, 1, 3, 1); yours has "
        "(1, 3, 1, 1).",
        "A result is as a picture is: rows first, then columns. Only on a square are they equal.",
    ),
)
def forward_with_rows_for_columns(x, W, b, stride=1, padding=0):
    col, columns, (N, OH, OW, C_out) = _windows(x, W, b, stride, padding)
    return (col @ columns + b).reshape(N, OW, OH, C_out), col


@mistake(
    "conv2d_forward",
    name="turns the filters by 180 degrees",
    hints=(
        "Which weight meets the top left pixel of the window?",
        "Image 1 2 / 3 4, filter 1 0 / 0 0: the output is 1, yours is 4.",
        "This course computes the cross-correlation: the filter lies on the window as it is.",
    ),
)
def forward_with_turned_filters(x, W, b, stride=1, padding=0):
    col, _, shape = _windows(x, W, b, stride, padding)
    return (col @ W[::-1, ::-1].reshape(-1, shape[3]) + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="looks at the first channel only",
    hints=(
        "How many numbers does a row of col hold, and how many of them do you use?",
        "One pixel with the channels 2 and 3 under the weights 10 and 100: the output is "
        "20 + 300 = 320, yours is 20.",
        "Each filter sees all channels: any channel of any pixel in the window can change it.",
    ),
)
def forward_sees_one_channel(x, W, b, stride=1, padding=0):
    col, _, shape = _windows(x, W, b, stride, padding)
    first = col[:, :: x.shape[3]] @ W[:, :, 0].reshape(-1, shape[3])
    return (first + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="does not add up the channels and leaves an axis for them",
    hints=(
        "How many axes does your result have, and which one is left over?",
        "One pixel with the channels 2 and 3 under the weights 10 and 100 gives one number, "
        "320; yours are two, 20 and 300.",
        "A window and a filter make one single number, however many channels they have.",
    ),
)
def forward_keeps_the_channels_apart(x, W, b, stride=1, padding=0):
    col, _, (N, OH, OW, _) = _windows(x, W, b, stride, padding)
    windows = col.reshape(N, OH, OW, *W.shape[:3], 1)
    return (windows * W).sum(axis=(3, 4)) + b, col


@mistake(
    "conv2d_forward",
    name="flattens all filters into one long vector",
    hints=(
        "How long is a row of col, and how long is what you multiply it by?",
        "Four pixels under two filters of 2x2: a row of col has 4 values and meets 4 weights of "
        "each filter; yours meets 8.",
        "There is one column for each filter, and one result for each row and column.",
    ),
)
def forward_with_all_filters_in_a_row(x, W, b, stride=1, padding=0):
    col, _, shape = _windows(x, W, b, stride, padding)
    return (col @ W.reshape(-1) + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="adds up the results of all filters in every map",
    hints=(
        "How many columns does your product have before you add the bias?",
        "The pixel 2 under two filters with the weights 3 and 5: the outputs are 6 and 10, "
        "yours are 16 and 16.",
        "One filter makes one map: the other filters may change without changing it.",
    ),
)
def forward_adds_up_the_filters(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    return ((col @ columns).sum(axis=1, keepdims=True) + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="uses the first filter for every map",
    hints=(
        "How many columns does your product have before you add the bias?",
        "The pixel 2 under two filters with the weights 3 and 5: the outputs are 6 and 10, "
        "yours are 6 and 6.",
        "Two different filters make two different maps.",
    ),
)
def forward_uses_one_filter(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    return (col @ columns[:, :1] + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="takes its windows from the image without the frame",
    hints=(
        "How many rows does your col have, and how many should it have?",
        "A 2x2 image with padding 1 under a 1x1 filter has 16 outputs; your col has 4 rows.",
        "What counts the outputs and what cuts the windows must know the same frame.",
    ),
)
def forward_without_the_frame(x, W, b, stride=1, padding=0):
    _, columns, shape = _windows(x, W, b, stride, padding)
    col = im2col(_floats(x), W.shape[:2], stride)
    return (col @ columns + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="counts the outputs of the image without its frame",
    hints=(
        "How many rows does your col have, and into how many outputs do you reshape them?",
        "A 2x2 image with padding 1 under a 1x1 filter has 16 outputs; yours has room for 4.",
        "What counts the outputs and what cuts the windows must know the same frame.",
    ),
)
def forward_counts_without_the_frame(x, W, b, stride=1, padding=0):
    col, columns, (N, _, _, C_out) = _windows(x, W, b, stride, padding)
    OH, OW = get_output_shape(x.shape[1:3], W.shape[:2], stride)
    return (col @ columns + b).reshape(N, OH, OW, C_out), col


@mistake(
    "conv2d_forward",
    name="ignores the padding",
    hints=(
        "Where in your function is the padding used?",
        "A 2x2 image with padding 1 under a 1x1 filter has a result of 4x4; yours is 2x2.",
        "Every row and column of the frame makes room for another output (at stride 1).",
    ),
)
def forward_ignores_the_padding(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, 0)
    return (col @ columns + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="lays the frame twice",
    hints=(
        "Who lays the frame: you, or the function that you call with the padding?",
        "A 1x1 image with padding 1 under a 1x1 filter has a result of 3x3; yours is 5x5.",
        "Once the frame is there, no padding is left to do.",
    ),
)
def forward_pads_twice(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(pad2d(x, padding), W, b, stride, padding)
    return (col @ columns + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="ignores the stride",
    hints=(
        "Where in your function is the stride used?",
        "Pixels 1 2 3 4 5 in a row under a single weight of 10, stride 2: 10 30 50; yours is "
        "10 20 30 40 50.",
        "A longer stride makes fewer outputs.",
    ),
)
def forward_ignores_the_stride(x, W, b, stride=1, padding=0):
    as_pair(stride, "stride")
    col, columns, shape = _windows(x, W, b, 1, padding)
    return (col @ columns + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="counts the outputs with the stride, but cuts the windows without it",
    hints=(
        "How many rows does your col have, and into how many outputs do you reshape them?",
        "Pixels 1 2 3 4 5 in a row under a 1x1 filter at stride 2 have 3 outputs; your col has "
        "5 rows.",
        "What counts the outputs and what cuts the windows must know the same stride.",
    ),
)
def forward_cuts_without_the_stride(x, W, b, stride=1, padding=0):
    _, columns, shape = _windows(x, W, b, stride, padding)
    col = im2col(_floats(x), W.shape[:2], padding=padding)
    return (col @ columns + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="starts every window one pixel after the last, whatever the stride",
    hints=(
        "Which pixels meet the filter's first weight, for the outputs (0, 0) and (0, 1)?",
        "Pixels 1 2 3 4 5 in a row, a single weight of 10, stride 2: 10 30 50; yours is 10 20 30.",
        "At stride s, neighbouring windows start s pixels apart.",
    ),
)
def forward_starts_without_the_stride(x, W, b, stride=1, padding=0):
    padded, out, _ = _ready(x, W, b, stride, padding)
    _, OH, OW, _ = out.shape
    for i in range(W.shape[0]):
        for j in range(W.shape[1]):
            out += padded[:, i : i + OH, j : j + OW] @ W[i, j]
    return out + b.astype(out.dtype), im2col(_floats(x), W.shape[:2], stride, padding)


@mistake(
    "conv2d_forward",
    name="takes the stride for (width, height)",
    hints=(
        "Which of the two numbers of the stride moves a window down?",
        "Image 1 2 3 / 4 5 6 / 7 8 9, a single weight of 1, stride (2, 1): 1 2 3 / 7 8 9; "
        "yours is 1 3 / 4 6 / 7 9.",
        "Every pair in this course is (height, width): the first number belongs to the rows.",
    ),
)
def forward_swaps_the_strides(x, W, b, stride=1, padding=0):
    SW, SH = as_pair(stride, "stride")
    col, columns, shape = _windows(x, W, b, (SH, SW), padding)
    return (col @ columns + b).reshape(shape), col


@mistake(
    "conv2d_forward",
    name="takes every filter for a square",
    hints=(
        "Which sizes do you hand to im2col, for a filter of 3 rows and 2 columns?",
        "A 1x2 filter on a 2x2 image has 2x1 outputs from windows of 2 values; your windows "
        "have 1 value.",
        "KH and KW are two numbers; a row of col holds KH*KW*C_in values.",
    ),
)
def forward_with_square_filters(x, W, b, stride=1, padding=0):
    _refuse(x, W, b)
    KH, _, _, C_out = W.shape
    shape = get_output_shape(x.shape[1:3], KH, stride, padding)
    col = im2col(_floats(x), KH, stride, padding)
    return (col @ W.reshape(-1, C_out) + b).reshape(len(x), *shape, C_out), col


@mistake(
    "conv2d_forward",
    name="makes float64 of everything",
    hints=(
        "Where does your function make a new array, and of what type?",
        "A float32 image with float32 filters: the result takes 4 bytes for each number; "
        "yours takes 8.",
        "float32 in, float32 out.",
    ),
)
def forward_in_double(x, W, b, stride=1, padding=0):
    out, col = conv2d_forward(x, W, b, stride, padding)
    return out.astype(np.float64), col


@mistake(
    "conv2d_forward",
    name="makes float32 of whole numbers",
    hints=(
        "Which type do the pixels of an integer image get, and how many digits has that type?",
        "The pixel 16777217 under the weight 1, with the bias -16777216: the output is 1; yours "
        "is 0, for float32 rounds the pixel.",
        "Integers count as float64, as in conv2d_naive.",
    ),
)
def forward_in_single(x, W, b, stride=1, padding=0):
    x = x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float32)
    return conv2d_forward(x, W, b, stride, padding)


@mistake(
    "conv2d_forward",
    name="stores the results in the type of the pixels, which rounds them",
    hints=(
        "What type has your result when the pixels are integers?",
        "The pixel 1, stored as an integer, under the weight 0.5: 0.5; yours is 0.",
        "The result is a floating-point number, also for images of whole numbers.",
    ),
)
def forward_rounds_to_pixels(x, W, b, stride=1, padding=0):
    out, col = conv2d_forward(x, W, b, stride, padding)
    return out.astype(x.dtype), col


@mistake(
    "conv2d_forward",
    name="returns the result without col",
    hints=(
        "What will conv2d_backward need, that only this function has made?",
        "For a 3x4 image and a 2x2 filter it returns two arrays, of shape (1, 2, 3, 1) and "
        "(6, 4); yours returns one.",
        "It returns a pair: the result, and the windows that it came from.",
    ),
)
def forward_without_col(x, W, b, stride=1, padding=0):
    return conv2d_forward(x, W, b, stride, padding)[0]


@mistake(
    "conv2d_forward",
    name="returns col first",
    hints=(
        "In which order does the docstring name the two arrays that are returned?",
        "For a 3x4 image and a 2x2 filter the shapes are (1, 2, 3, 1) and (6, 4), in that "
        "order; yours come in the other one.",
        "Whoever calls it expects the result first and the windows second.",
    ),
)
def forward_with_col_first(x, W, b, stride=1, padding=0):
    out, col = conv2d_forward(x, W, b, stride, padding)
    return col, out


@mistake(
    "conv2d_forward",
    name="returns the padded images in the place of col",
    hints=(
        "What shape does the docstring promise for the second array?",
        "For a 3x4 image and a 2x2 filter the second array is 6x4, one row for each window; "
        "yours has the shape (1, 3, 4, 1).",
        "Each output has its own row in col, so that the gradient can find its window again.",
    ),
)
def forward_with_images_for_col(x, W, b, stride=1, padding=0):
    out, _ = conv2d_forward(x, W, b, stride, padding)
    return out, _floats(pad2d(x, padding))


@mistake(
    "conv2d_forward",
    name="returns col transposed",
    hints=(
        "Which axis of col counts the windows?",
        "For a 3x4 image and a 2x2 filter col is 6x4, one row for each window; yours is 4x6.",
        "A row of col is one window, as im2col returns it.",
    ),
)
def forward_with_col_transposed(x, W, b, stride=1, padding=0):
    out, col = conv2d_forward(x, W, b, stride, padding)
    return out, col.T.copy()


@mistake(
    "conv2d_forward",
    name="takes the padding before the stride",
    hints=(
        "In which order do the docstring and your first line name the arguments?",
        "Pixels 1 2 3 4 5 in a row under a 1x1 filter, called with a 2 after b, for the stride: "
        "1x3 outputs; yours has 5x9, since it lays a frame of 2.",
        "A signature is a promise: others call your function by its order as well as its names.",
    ),
)
def forward_with_padding_before_stride(x, W, b, padding=0, stride=1):
    return conv2d_forward(x, W, b, stride, padding)


@mistake(
    "conv2d_forward",
    name="returns nothing",
    hints=(
        "What is the last line that your function runs?",
        "An image of one pixel 2 under the weight 3 must give the pair of a result, 6, and its "
        "windows, 2; yours gives None.",
        "A function without return returns None, whatever it has computed or printed.",
    ),
)
def forward_returns_nothing(x, W, b, stride=1, padding=0):
    conv2d_forward(x, W, b, stride, padding)


# --- conv2d_backward --------------------------------------------------------------------------
@mistake(
    "conv2d_backward",
    name="averages grad_b over all positions and images",
    hints=(
        "By how much does the loss change when a bias grows by 1: by the mean of grad_out, or "
        "by its sum?",
        "Two outputs with the gradients 2 and 4 and one bias: grad_b is 6; yours is 3.",
        "A bias enters every output of its map with the factor 1, and all of these add up.",
    ),
)
def backward_averages_the_bias(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, _ = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, _floats(grad_out).mean(axis=(0, 1, 2))


@mistake(
    "conv2d_backward",
    name="sums grad_b over the images only",
    hints=(
        "What shape has your grad_b, and what shape has b?",
        "Two outputs in a row with the gradients 2 and 4 and one bias: grad_b is 6; yours is "
        "an array of 1x2x1 with 2 and 4.",
        "grad_b has the shape of b; every other axis of grad_out is summed away.",
    ),
)
def backward_sums_the_bias_over_images(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, _ = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, _floats(grad_out).sum(axis=0)


@mistake(
    "conv2d_backward",
    name="sums grad_b over rows and columns, but not over the images",
    hints=(
        "What shape has your grad_b, and what shape has b?",
        "Two images of one output, gradients 2 and 4, one bias: grad_b is 6; yours is 2 and 4.",
        "grad_b has the shape of b; every other axis of grad_out is summed away.",
    ),
)
def backward_sums_the_bias_over_positions(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, _ = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, _floats(grad_out).sum(axis=(1, 2))


@mistake(
    "conv2d_backward",
    name="gives grad_b as a row of shape (1, C_out)",
    hints=(
        "What shape has your grad_b, and what shape has b?",
        "Two outputs with the gradients 2 and 4 and one bias: grad_b has the shape (1,); yours "
        "has (1, 1).",
        "grad_b has the shape of b; every other axis of grad_out is summed away.",
    ),
)
def backward_keeps_an_axis_of_the_bias(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, grad_b[np.newaxis]


@mistake(
    "conv2d_backward",
    name="adds up all of grad_out into one number for grad_b",
    hints=(
        "How many biases are there, and how many numbers has your grad_b?",
        "One position, two filters with the gradients 2 and 4: grad_b is 2 and 4; yours is 6.",
        "A bias only ever enters the map of its own filter.",
    ),
)
def backward_sums_the_bias_over_everything(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, _ = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, _floats(grad_out).sum()


@mistake(
    "conv2d_backward",
    name="divides grad_b by the number of images",
    hints=(
        "Who divides by N: the loss, or every layer after it as well?",
        "Two images of one output, gradients 2 and 4, one bias: grad_b is 6; yours is 3.",
        "The loss divides by N, once. Everything behind it adds up over the batch.",
    ),
)
def backward_divides_the_bias_by_n(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, grad_b / len(grad_out)


@mistake(
    "conv2d_backward",
    name="leaves grad_b at zero",
    hints=(
        "Make a bias larger by 1 and run forward again: what changes?",
        "Two outputs with the gradients 2 and 4 and one bias: grad_b is 6; yours is 0.",
        "A bias enters every output of its map with the factor 1.",
    ),
)
def backward_without_the_bias(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, np.zeros_like(grad_b)


@mistake(
    "conv2d_backward",
    name="gives None for grad_b",
    hints=(
        "Make a bias larger by 1 and run forward again: what changes?",
        "Two outputs with the gradients 2 and 4 and one bias: grad_b is an array with the "
        "number 6; yours is None.",
        "Everything that forward reads, x, W and b, has a gradient.",
    ),
)
def backward_with_none_for_the_bias(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, _ = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W, None


@mistake(
    "conv2d_backward",
    name="divides grad_W by the number of images",
    hints=(
        "Who divides by N: the loss, or every layer after it as well?",
        "Two images of one pixel, 10 and 20, a 1x1 filter, gradients 2 and 4: grad_W is "
        "10*2 + 20*4 = 100; yours is 50.",
        "The loss divides by N, once. Everything behind it adds up over the batch.",
    ),
)
def backward_divides_the_weights_by_n(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W / len(grad_out), grad_b


@mistake(
    "conv2d_backward",
    name="averages grad_W over all windows",
    hints=(
        "Is a change of the loss the mean or the sum of what the windows contribute?",
        "One row of pixels 10 and 20, a 1x1 filter, gradients 2 and 4: grad_W is "
        "10*2 + 20*4 = 100; yours is 50.",
        "A weight enters every window of every image, and all of these add up.",
    ),
)
def backward_averages_the_weights(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W / len(col), grad_b


@mistake(
    "conv2d_backward",
    name="divides all three gradients by the number of images",
    hints=(
        "Who divides by N: the loss, or every layer after it as well?",
        "Two images of one output, gradients 2 and 4, one bias: grad_b is 6; yours is 3.",
        "The loss divides by N, once. Everything behind it adds up over the batch.",
    ),
)
def backward_divides_everything_by_n(grad_out, col, x_shape, W, stride=1, padding=0):
    gradients = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return tuple(gradient / len(grad_out) for gradient in gradients)


@mistake(
    "conv2d_backward",
    name="writes into grad_out",
    hints=(
        "Whose array is grad_out, and what is in it after your function has run?",
        "With /=, += and [...] = a line writes into the array that it was given. Say grad_out "
        "holds 2 and 4: after `grad_out /= 2` it holds 1 and 2, for everybody.",
        "An argument is never changed: compute a new array (and the loss has divided by N).",
    ),
)
def backward_divides_in_place(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_out /= len(grad_out)
    return conv2d_backward(grad_out, col, x_shape, W, stride, padding)


@mistake(
    "conv2d_backward",
    name="computes grad_W with the filters first and reshapes it, which scrambles the numbers",
    hints=(
        "Your product has one row for each filter. Which axis of W counts the filters?",
        "A window 10 20 and two filters with the gradients 1 and 3: grad_W is 10 30 for the "
        "first pixel and 20 60 for the second; yours is 10 20 and 30 60.",
        "A reshape moves no number: grad_W needs KH*KW*C_in rows and C_out columns before it.",
    ),
)
def backward_reshapes_the_weights(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, _, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    product = _floats(grad_out).reshape(-1, W.shape[3]).T @ col  # (C_out, KH*KW*C_in)
    return grad_x, product.reshape(W.shape), grad_b


@mistake(
    "conv2d_backward",
    name="stores grad_W in the type of W, which rounds it",
    hints=(
        "What type has the array that you fill, and where does it get it from?",
        "The pixel 3 under the weight 2, stored as an integer, gradient 0.5: grad_W is 1.5; "
        "yours is 1.",
        "A gradient is a floating-point number, also for filters of whole numbers.",
    ),
)
def backward_rounds_to_filters(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W.astype(W.dtype), grad_b


@mistake(
    "conv2d_backward",
    name="gives grad_W the shape (C_out, KH, KW, C_in)",
    hints=(
        "Compare the shapes of grad_W and W, axis by axis.",
        "For two filters of 3x2 with one channel grad_W is (3, 2, 1, 2); yours is (2, 3, 2, 1).",
        "A gradient has the shape of what it belongs to: W - lr * grad_W must make sense.",
    ),
)
def backward_with_the_filters_first(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W.transpose(3, 0, 1, 2).copy(), grad_b


@mistake(
    "conv2d_backward",
    name="leaves grad_W as a matrix",
    hints=(
        "Compare the shapes of grad_W and W.",
        "For two filters of 3x2 with one channel grad_W is (3, 2, 1, 2); yours is (6, 2).",
        "A gradient has the shape of what it belongs to: W - lr * grad_W must make sense.",
    ),
)
def backward_leaves_a_matrix(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_x, grad_W.reshape(-1, W.shape[3]), grad_b


@mistake(
    "conv2d_backward",
    name="turns grad_out into rows as if the filters stood on its first axis",
    hints=(
        "Which axis of grad_out counts the filters, and which numbers does your reshape put "
        "side by side?",
        "Two positions in a row, two filters, gradients 1 2 at the first position and 3 4 at "
        "the second: grad_b is 1+3 = 4 and 2+4 = 6; yours is 3 and 7.",
        "Row r of that matrix belongs to row r of col: one window, all filters.",
    ),
)
def backward_scrambles_grad_out(grad_out, col, x_shape, W, stride=1, padding=0):
    rows = _floats(grad_out).reshape(W.shape[3], -1).T
    return conv2d_backward(rows.reshape(grad_out.shape), col, x_shape, W, stride, padding)


@mistake(
    "conv2d_backward",
    name="leaves grad_x at zero",
    hints=(
        "Make one pixel larger by 1 and run forward again: what changes?",
        "The pixel 5 under a 1x1 filter with the weight 3, gradient 2: grad_x is 6; yours is 0.",
        "Layers before this one can only learn from grad_x.",
    ),
)
def backward_without_the_images(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return np.zeros_like(grad_x), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="gives None for grad_x",
    hints=(
        "Make one pixel larger by 1 and run forward again: what changes?",
        "The pixel 5 under a 1x1 filter with the weight 3, gradient 2: grad_x is 6; yours is "
        "None.",
        "Layers before this one can only learn from grad_x.",
    ),
)
def backward_with_none_for_the_images(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return None, grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="returns the gradient of the windows in the place of grad_x",
    hints=(
        "What shape has your grad_x, and what shape has x?",
        "A 3x3 image under a 2x2 filter: grad_x is (1, 3, 3, 1); yours is (4, 4), a row for "
        "each window.",
        "A pixel that lies in several windows gets one gradient, the sum of its copies.",
    ),
)
def backward_returns_the_windows(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return _grad_windows(grad_out, W), grad_W, grad_b


def _grad_windows(grad_out, W):
    C_out = W.shape[3]
    return _floats(grad_out).reshape(-1, C_out) @ W.reshape(-1, C_out).T


@mistake(
    "conv2d_backward",
    name="turns the filters once too often or too seldom on the way to grad_x",
    hints=(
        "Let one single output have the gradient 1. What should grad_x show?",
        "A 2x2 filter 1 2 / 3 4 on a 2x2 image, gradient 1: grad_x is 1 2 / 3 4; yours is "
        "4 3 / 2 1.",
        "Each output hands its gradient back through the weights that it came from, in place.",
    ),
)
def backward_turns_the_filters(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    windows = _grad_windows(grad_out, W[::-1, ::-1])
    return col2im(windows, x_shape, W.shape[:2], stride, padding), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="reshapes W as if the filters stood on its first axis, on the way to grad_x",
    hints=(
        "Which axis of W counts the filters, and which numbers does your reshape put together?",
        "A pixel with two channels and W of shape (1, 1, 2, 2) with the rows 1 2 / 3 4, one row "
        "for each channel; gradients 1 and 0 for the two filters: grad_x is 1 3; yours is 1 2.",
        "Where forward multiplies by a matrix, backward multiplies by the same one, transposed.",
    ),
)
def backward_with_scrambled_filters(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    C_out = W.shape[3]
    windows = _floats(grad_out).reshape(-1, C_out) @ W.reshape(C_out, -1)
    return col2im(windows, x_shape, W.shape[:2], stride, padding), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="puts the windows back without the stride and without the padding",
    hints=(
        "Which of your function's arguments are never read?",
        "Three pixels under a 1x1 filter at stride 2, gradients 2 and 4, weight 1: grad_x is "
        "2 0 4. Without the stride there would be three windows for your two gradients.",
        "A gradient goes back to where its window was cut: the same stride, the same padding.",
    ),
)
def backward_forgets_stride_and_padding(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return col2im(_grad_windows(grad_out, W), x_shape, W.shape[:2]), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="puts the windows back without the stride",
    hints=(
        "Which of your function's arguments is never read?",
        "Three pixels under a 1x1 filter at stride 2, gradients 2 and 4, weight 1: grad_x is "
        "2 0 4. Without the stride there would be three windows for your two gradients.",
        "A gradient goes back to where its window was cut: the same stride as in forward.",
    ),
)
def backward_forgets_the_stride(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    windows = _grad_windows(grad_out, W)
    return col2im(windows, x_shape, W.shape[:2], padding=padding), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="puts the windows back without the padding",
    hints=(
        "Which of your function's arguments is never read?",
        "A 1x1 image with padding 1 under a 1x1 filter has nine windows; without the frame "
        "there is room for one.",
        "A gradient goes back to where its window was cut: the same frame as in forward.",
    ),
)
def backward_forgets_the_padding(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return col2im(_grad_windows(grad_out, W), x_shape, W.shape[:2], stride), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="takes every filter for a square on the way to grad_x",
    hints=(
        "Which sizes do you hand to col2im, for a filter of 3 rows and 2 columns?",
        "A 1x2 filter has windows of 2 values; as a square of 1x1 it would have one.",
        "KH and KW are two numbers; a row of col holds KH*KW*C_in values.",
    ),
)
def backward_with_square_filters(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    windows = _grad_windows(grad_out, W)
    return col2im(windows, x_shape, W.shape[0], stride, padding), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="returns grad_x with the frame still around it",
    hints=(
        "What shape has your grad_x, and what shape has x?",
        "For a 1x1 image with padding 1 grad_x is (1, 1, 1, 1); yours is (1, 3, 3, 1).",
        "Nobody asks for the gradient of the frame: its pixels are always 0.",
    ),
)
def backward_keeps_the_frame(grad_out, col, x_shape, W, stride=1, padding=0):
    _, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    padded_shape = pad2d(np.zeros(x_shape), padding).shape
    windows = _grad_windows(grad_out, W)
    return col2im(windows, padded_shape, W.shape[:2], stride), grad_W, grad_b


@mistake(
    "conv2d_backward",
    name="returns grad_W before grad_x",
    hints=(
        "In which order does the docstring name the three gradients?",
        "For a 3x3 image under two filters of 2x2 the shapes are (1, 3, 3, 1), (2, 2, 1, 2) and "
        "(2,); your first two come in the other order.",
        "The gradients come in the order of forward's arguments: x, W, b.",
    ),
)
def backward_returns_the_weights_first(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_W, grad_x, grad_b


@mistake(
    "conv2d_backward",
    name="returns grad_W, grad_b and then grad_x",
    hints=(
        "In which order does the docstring name the three gradients?",
        "For a 3x3 image under two filters of 2x2 the shapes are (1, 3, 3, 1), (2, 2, 1, 2) and "
        "(2,); yours begin with (2, 2, 1, 2).",
        "The gradients come in the order of forward's arguments: x, W, b.",
    ),
)
def backward_returns_the_images_last(grad_out, col, x_shape, W, stride=1, padding=0):
    grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return grad_W, grad_b, grad_x


@mistake(
    "conv2d_backward",
    name="makes float64 of everything",
    hints=(
        "Where does your function make a new array, and of what type?",
        "For float32 arrays each gradient takes 4 bytes a number; yours take 8.",
        "float32 in, float32 out.",
    ),
)
def backward_in_double(grad_out, col, x_shape, W, stride=1, padding=0):
    gradients = conv2d_backward(grad_out, col, x_shape, W, stride, padding)
    return tuple(gradient.astype(np.float64) for gradient in gradients)


@mistake(
    "conv2d_backward",
    name="takes the padding before the stride",
    hints=(
        "In which order do the docstring and your first line name the arguments?",
        "Three pixels under a 1x1 filter, called with a 2 after W, for the stride: 2 windows "
        "to put back; yours lays a frame of 2 and looks for 5x7 = 35.",
        "A signature is a promise: others call your function by its order as well as its names.",
    ),
)
def backward_with_padding_before_stride(grad_out, col, x_shape, W, padding=0, stride=1):
    return conv2d_backward(grad_out, col, x_shape, W, stride, padding)


@mistake(
    "conv2d_backward",
    name="returns nothing",
    hints=(
        "What is the last line that your function runs?",
        "The pixel 5 under a 1x1 filter with the weight 3, gradient 2, must give the three "
        "arrays 6, 10 and 2; yours gives None.",
        "A function without return returns None, whatever it has computed or printed.",
    ),
)
def backward_returns_nothing(grad_out, col, x_shape, W, stride=1, padding=0):
    conv2d_backward(grad_out, col, x_shape, W, stride, padding)


# --- Conv2D: how it starts --------------------------------------------------------------------
class _Drawn(Conv2D):
    """A layer whose weights `draw` chooses."""

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        unused = np.random.default_rng(0)
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, unused)
        rng = np.random.default_rng() if rng is None else rng
        KH, KW = as_pair(kernel_size, "kernel_size")
        weights = self.draw(rng, (KH, KW, in_channels, out_channels))
        self.W = weights.astype(np.float32)

    def draw(self, rng, shape):
        return rng.normal(0, self.deviation(*shape), shape)


@mistake(
    "Conv2D",
    name="starts with the standard deviation 1",
    hints=(
        "How large are your first weights, and what decides how large they should be?",
        "A 5x5 filter with 2 channels adds up 50 products: its weights should have the deviation "
        "sqrt(2 / 50) = 0.2; yours have 1.",
        "The more values a filter adds up, the smaller its weights must be.",
    ),
)
class StartsWithDeviationOne(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return 1.0


@mistake(
    "Conv2D",
    name="starts with a fixed deviation of 0.01",
    hints=(
        "Does the size of your first weights depend on the size of the filter?",
        "A 5x5 filter with 2 channels adds up 50 products: its weights should have the deviation "
        "sqrt(2 / 50) = 0.2; yours have 0.01.",
        "The output of a layer should vary about as much as its input, for filters of any size.",
    ),
)
class StartsWithOneHundredth(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return 0.01


@mistake(
    "Conv2D",
    name="counts only the channels as the fan-in, not the places of the kernel",
    hints=(
        "How many products does one output add up?",
        "A 5x5 filter with 2 channels adds up 50 products: the deviation should be "
        "sqrt(2 / 50) = 0.2; yours is sqrt(2 / 2) = 1.",
        "The fan-in counts every weight of one filter: its height, its width and its channels.",
    ),
)
class CountsOnlyTheChannels(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return np.sqrt(2 / C_in)


@mistake(
    "Conv2D",
    name="counts only the places of the kernel as the fan-in, not the channels",
    hints=(
        "How many products does one output add up?",
        "A 5x5 filter with 2 channels adds up 50 products: the deviation should be "
        "sqrt(2 / 50) = 0.2; yours is sqrt(2 / 25) = 0.28.",
        "The fan-in counts every weight of one filter: its height, its width and its channels.",
    ),
)
class CountsOnlyTheKernel(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return np.sqrt(2 / (KH * KW))


@mistake(
    "Conv2D",
    name="counts the outputs (the fan-out) instead of the inputs",
    hints=(
        "How many products does one output add up? Does C_out enter that number?",
        "A 5x5 filter bank with 2 channels in and 8 out: the deviation should be "
        "sqrt(2 / 50) = 0.2; yours is sqrt(2 / 200) = 0.1.",
        "How many filters there are says nothing about how large the result of one of them is.",
    ),
)
class CountsTheOutputs(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return np.sqrt(2 / (KH * KW * C_out))


@mistake(
    "Conv2D",
    name="uses Glorot's formula with fan-in and fan-out",
    hints=(
        "Whose formula did you use, and for which activation was it made?",
        "A 5x5 filter bank with 2 channels in and 8 out: the deviation should be "
        "sqrt(2 / 50) = 0.2; yours is sqrt(2 / 250) = 0.089.",
        "He's formula makes up for the half that ReLU cuts off, and counts the inputs alone.",
    ),
)
class StartsAsGlorotProposed(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return np.sqrt(2 / (KH * KW * (C_in + C_out)))


@mistake(
    "Conv2D",
    name="takes 1 for the 2 of He's formula",
    hints=(
        "What share of its inputs does a ReLU cut off, and where does the formula allow for it?",
        "A 5x5 filter with 2 channels: the deviation should be sqrt(2 / 50) = 0.2; yours is "
        "sqrt(1 / 50) = 0.14.",
        "A ReLU throws half of the variance away; weights of twice the variance bring it back.",
    ),
)
class ForgetsTheReluFactor(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return np.sqrt(1 / (KH * KW * C_in))


@mistake(
    "Conv2D",
    name="uses the variance where the standard deviation belongs",
    hints=(
        "What does rng.normal want to know as its second number?",
        "A 5x5 filter with 2 channels: the deviation should be sqrt(2 / 50) = 0.2; yours is "
        "2 / 50 = 0.04.",
        "The variance is the square of the standard deviation.",
    ),
)
class TakesTheVarianceForTheDeviation(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return 2 / (KH * KW * C_in)


@mistake(
    "Conv2D",
    name="takes every kernel for a square of its height",
    hints=(
        "Which sides of the kernel does your formula know?",
        "A 1x4 filter with 2 channels: the deviation should be sqrt(2 / 8) = 0.5; yours is "
        "sqrt(2 / 2) = 1.",
        "A kernel of KH rows and KW columns has KH*KW places.",
    ),
)
class SquaresTheKernelHeight(_Drawn):
    def deviation(self, KH, KW, C_in, C_out):
        return np.sqrt(2 / (KH * KH * C_in))


@mistake(
    "Conv2D",
    name="draws evenly from 0 to 1 and scales that",
    hints=(
        "What is the mean of your first weights?",
        "A 5x5 filter with 2 channels: the weights should lie around 0 with the deviation 0.2; "
        "yours lie between 0 and 0.2, around 0.1.",
        "Mean 0: about half of the first weights are negative.",
    ),
)
class DrawsBetweenZeroAndOne(_Drawn):
    def draw(self, rng, shape):
        return rng.random(shape) * np.sqrt(2 / np.prod(shape[:3]))


@mistake(
    "Conv2D",
    name="draws evenly between minus and plus the deviation",
    hints=(
        "Is the number in your call a standard deviation, or the end of an interval?",
        "A 5x5 filter with 2 channels: the deviation should be 0.2; numbers spread evenly from "
        "-0.2 to 0.2 have 0.2 / sqrt(3) = 0.12.",
        "A normal distribution with that deviation leaves the interval every third time.",
    ),
)
class DrawsFromAnInterval(_Drawn):
    def draw(self, rng, shape):
        deviation = np.sqrt(2 / np.prod(shape[:3]))
        return rng.uniform(-deviation, deviation, shape)


@mistake(
    "Conv2D",
    name="starts with all weights at zero",
    hints=(
        "What does a new layer answer, and which gradient do two of its filters get?",
        "Two filters with the weight 0, inputs 5, gradients 2 and 2: both get the gradient 10, "
        "and are still equal after the step.",
        "Equal filters that get equal gradients stay equal: only chance can make them different.",
    ),
)
class StartsAtZero(_Drawn):
    def draw(self, rng, shape):
        return np.zeros(shape)


@mistake(
    "Conv2D",
    name="starts with the same weights in every filter",
    hints=(
        "Compare W[..., 0] and W[..., 1] of a new layer.",
        "Two filters with the weight 3, inputs 5, gradients 2 and 2: both get the gradient 10, "
        "and are still equal after the step.",
        "Equal filters that get equal gradients stay equal: each needs weights of its own.",
    ),
)
class StartsWithEqualFilters(_Drawn):
    def draw(self, rng, shape):
        weights = rng.normal(0, np.sqrt(2 / np.prod(shape[:3])), (*shape[:3], 1))
        return np.repeat(weights, shape[3], axis=3)


@mistake(
    "Conv2D",
    name="keeps W as (C_out, C_in, KH, KW)",
    hints=(
        "Read the shape of W aloud: what does its last axis count here?",
        "A layer with 1 channel in, 2 out and a 3x4 kernel has W of shape (3, 4, 1, 2); yours is "
        "(2, 1, 3, 4).",
        "Filters are (KH, KW, C_in, C_out) in this course, as the images are (N, H, W, C).",
    ),
)
class KeepsTheFiltersFirst(_Drawn):
    def draw(self, rng, shape):
        KH, KW, C_in, C_out = shape
        deviation = np.sqrt(2 / (KH * KW * C_in))
        return rng.normal(0, deviation, (C_out, C_in, KH, KW))


@mistake(
    "Conv2D",
    name="exchanges the channels that come in with those that go out",
    hints=(
        "Read the shape of W aloud: which axis counts what comes in?",
        "A layer with 1 channel in, 2 out and a 3x4 kernel has W of shape (3, 4, 1, 2); yours is "
        "(3, 4, 2, 1).",
        "The last axis of W counts the filters, and there is a bias for each of them.",
    ),
)
class ExchangesTheChannels(_Drawn):
    def draw(self, rng, shape):
        KH, KW, C_in, C_out = shape
        deviation = np.sqrt(2 / (KH * KW * C_in))
        return rng.normal(0, deviation, (KH, KW, C_out, C_in))


@mistake(
    "Conv2D",
    name="takes the padding before the stride when it is made",
    hints=(
        "In which order do the docstring and your __init__ name the arguments?",
        "A layer with 1x1 filters, made with a 2 after the kernel size, for the stride, turns 5 "
        "pixels in a row into 1x3; yours into 5x9, since it lays a frame of 2.",
        "A signature is a promise: others call your class by its order as well as its names.",
    ),
)
class TakesThePaddingFirst(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, padding=0, stride=1, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)


@mistake(
    "Conv2D",
    name="draws its weights without the generator it is given",
    hints=(
        "Where does your layer use rng?",
        "Two layers, both made with default_rng(13), must have the same weights; yours differ.",
        "All chance in this course comes from the generator that is passed in.",
    ),
)
class IgnoresTheGenerator(_Drawn):
    def draw(self, rng, shape):
        return np.random.default_rng().normal(0, np.sqrt(2 / np.prod(shape[:3])), shape)


@mistake(
    "Conv2D",
    name="makes a generator with a fixed seed of its own",
    hints=(
        "Where does your layer use rng, and where does its chance come from?",
        "Two layers, made with default_rng(13) and default_rng(14), must have different "
        "weights; yours have the same.",
        "All chance in this course comes from the generator that is passed in.",
    ),
)
class FixesTheSeed(_Drawn):
    def draw(self, rng, shape):
        return np.random.default_rng(0).normal(0, np.sqrt(2 / np.prod(shape[:3])), shape)


@mistake(
    "Conv2D",
    name="draws the same weights for every layer that is made without a generator",
    hints=(
        "What does your layer draw from if rng is None?",
        "Two layers, both made without rng, must have different weights; yours have the same.",
        "A fresh generator knows nothing of the last one: default_rng() without a number.",
    ),
)
class RepeatsItself(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng(0) if rng is None else rng
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)


@mistake(
    "Conv2D",
    name="starts with parameters of float64",
    hints=(
        "Print W.dtype of a new layer. What does a generator give if nobody asks for a type?",
        "A layer with 3 channels, 4 filters and a 5x5 kernel has 300 weights of 4 bytes each, "
        "1200 bytes together; yours take 2400.",
        "The parameters are float32, so that float32 images stay float32 from layer to layer.",
    ),
)
class StartsInDouble(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)
        self.W, self.b = self.W.astype(np.float64), self.b.astype(np.float64)


@mistake(
    "Conv2D",
    name="starts with random biases",
    hints=(
        "What is in b of a new layer?",
        "A layer with 4 filters starts with the biases 0 0 0 0; yours are random numbers.",
        "Chance in the weights is enough to make the filters different; biases start at 0.",
    ),
)
class StartsWithRandomBiases(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)
        rng = np.random.default_rng() if rng is None else rng
        self.b = rng.normal(size=out_channels).astype(np.float32)


@mistake(
    "Conv2D",
    name="starts with the biases at one",
    hints=(
        "What is in b of a new layer?",
        "A layer with 4 filters starts with the biases 0 0 0 0; yours are 1 1 1 1.",
        "A new layer answers a black image with 0.",
    ),
)
class StartsWithBiasesOfOne(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)
        self.b = np.ones(out_channels, dtype=np.float32)


@mistake(
    "Conv2D",
    name="keeps b as a row of shape (1, C_out)",
    hints=(
        "Compare the shape of b with what conv2d_forward asks for.",
        "A layer with 4 filters has b of shape (4,); yours has (1, 4).",
        "One bias for each filter, and one axis to count them.",
    ),
)
class KeepsTheBiasAsRow(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)
        self.b = np.zeros((1, out_channels), dtype=np.float32)


@mistake(
    "Conv2D",
    name="makes one bias for each channel that comes in",
    hints=(
        "Which of the two channel numbers counts the filters?",
        "A layer with 3 channels in and 4 out has 4 biases; yours has 3.",
        "A bias belongs to a filter, and each filter makes one channel of the output.",
    ),
)
class CountsBiasesByInputs(Conv2D):
    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        super().__init__(in_channels, out_channels, kernel_size, stride, padding, rng)
        self.b = np.zeros(in_channels, dtype=np.float32)


# --- Conv2D: what it keeps --------------------------------------------------------------------
@mistake(
    "Conv2D",
    name="keeps the windows of its first forward for ever",
    hints=(
        "When is what backward needs written: at the first forward, or at each one?",
        "A 1x1 filter sees the pixel 5, then the pixel 7; then the gradient 2 comes: grad_W is "
        "7*2 = 14; yours is 10.",
        "backward belongs to the latest forward.",
    ),
)
class KeepsTheFirstForward(Conv2D):
    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, self.stride, self.padding)
        if self._cache is None:
            self._cache = col, x.shape
        return out


@mistake(
    "Conv2D",
    name="remembers the shape of the first images for ever",
    hints=(
        "Does your layer know that the next batch can have another size?",
        "A batch of 3 images and then one of 2: grad_x has 2 images; yours looks for 3.",
        "Everything that backward uses comes from the latest forward, the shape of x as well.",
    ),
)
class KeepsTheFirstShape(Conv2D):
    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, self.stride, self.padding)
        self._cache = col, x.shape if self._cache is None else self._cache[1]
        return out


@mistake(
    "Conv2D",
    name="keeps its windows where all layers share them",
    hints=(
        "Does what forward keeps belong to this layer, or to the class?",
        "Layer one sees the pixel 5, layer two the pixel 7; then layer one gets the gradient 2: "
        "its grad_W is 5*2 = 10; yours is 14.",
        "Each layer has a memory of its own: what one does is nothing to the others.",
    ),
)
class SharesTheWindows(Conv2D):
    shared = [None]  # noqa: RUF012 - one list for all layers: that is the mistake

    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, self.stride, self.padding)
        self.shared[0] = col, x.shape
        return out

    def backward(self, grad_out):
        self._cache = self.shared[0]
        return super().backward(grad_out)


@mistake(
    "Conv2D",
    name="takes the shape of grad_out for the shape of the images",
    hints=(
        "What does conv2d_backward want as x_shape, and who knew it?",
        "A 3x3 image under a 2x2 filter gives 2x2 outputs: grad_x must be 3x3 again; yours "
        "asks for 2x2.",
        "Only forward sees x: what backward must know of it, forward has to keep.",
    ),
)
class ForgetsTheShapeOfTheImages(Conv2D):
    def backward(self, grad_out):
        col, _ = self._cache
        grad_x, self.grad_W, self.grad_b = conv2d_backward(
            grad_out, col, grad_out.shape, self.W, self.stride, self.padding
        )
        return grad_x


@mistake(
    "Conv2D",
    name="keeps nothing in forward",
    hints=(
        "What does backward need that only forward has seen?",
        "A 1x1 filter sees the pixel 5, then the gradient 2 comes: grad_W is 5*2 = 10, and "
        "without the 5 nobody can compute it.",
        "Only forward sees x: what backward must know of it, forward has to keep.",
    ),
)
class KeepsNothing(Conv2D):
    def forward(self, x):
        return conv2d_forward(x, self.W, self.b, self.stride, self.padding)[0]


@mistake(
    "Conv2D",
    name="convolves with the loops of conv2d_naive",
    hints=(
        "Which of your two ways to the same numbers does forward take?",
        "For a 3x4 image and a 2x2 filter col has 6 rows: all 6 results come from one product "
        "of a 6x4 matrix; yours come from 6 windows, one after the other.",
        "The loops are there to be believed, the product is there to be used.",
    ),
)
class ConvolvesInLoops(Conv2D):
    def forward(self, x):
        super().forward(x)
        return conv2d_naive(x, self.W, self.b, self.stride, self.padding)


@mistake(
    "Conv2D",
    name="makes float64 of its images",
    hints=(
        "What type do your images have when they reach conv2d_forward?",
        "A float32 image in a new layer: the result takes 4 bytes for each number; yours takes 8.",
        "float32 in, float32 out.",
    ),
)
class WorksInDouble(Conv2D):
    def forward(self, x):
        return super().forward(x.astype(np.float64))


@mistake(
    "Conv2D",
    name="does not say that a forward is missing before backward",
    hints=(
        "What does a new layer have to carry back, before it has seen an image?",
        "layer = Conv2D(1, 1, 1), then backward: a RuntimeError that says what is missing; yours "
        "takes apart what no forward has kept.",
        "backward belongs to the latest forward: without one it is refused.",
    ),
)
class MissesNoForward(Conv2D):
    def backward(self, grad_out):
        col, x_shape = self._cache
        grad_x, self.grad_W, self.grad_b = conv2d_backward(
            grad_out, col, x_shape, self.W, self.stride, self.padding
        )
        return grad_x


@mistake(
    "Conv2D",
    name="hands out col together with the result",
    hints=(
        "What does conv2d_forward return, and what should the layer return?",
        "For an image of one pixel forward returns one array, (1, 1, 1, 1); yours returns two.",
        "A layer turns one array into one array, so that layers can be put in a row.",
    ),
)
class ReturnsThePair(Conv2D):
    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, self.stride, self.padding)
        self._cache = col, x.shape
        return out, col


@mistake(
    "Conv2D",
    name="forgets its stride in forward",
    hints=(
        "Which of the layer's settings does forward pass on?",
        "Five pixels in a row under a 1x1 filter at stride 2 have 3 outputs; yours has 5.",
        "What a layer is told when it is made holds for each forward and each backward.",
    ),
)
class ForgetsTheStride(Conv2D):
    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, padding=self.padding)
        self._cache = col, x.shape
        return out


@mistake(
    "Conv2D",
    name="forgets its padding in forward",
    hints=(
        "Which of the layer's settings does forward pass on?",
        "A 2x2 image with padding 1 under a 1x1 filter has 4x4 outputs; yours has 2x2.",
        "What a layer is told when it is made holds for each forward and each backward.",
    ),
)
class ForgetsThePadding(Conv2D):
    def forward(self, x):
        out, col = conv2d_forward(x, self.W, self.b, self.stride)
        self._cache = col, x.shape
        return out


@mistake(
    "Conv2D",
    name="passes neither stride nor padding on to its backward pass",
    hints=(
        "Which of the layer's settings does backward pass on?",
        "Three pixels under a 1x1 filter at stride 2, gradients 2 and 4, weight 1: grad_x is "
        "2 0 4. Without the stride there would be three windows for your two gradients.",
        "What a layer is told when it is made holds for each forward and each backward.",
    ),
)
class ForgetsItsSettingsInBackward(Conv2D):
    def backward(self, grad_out):
        col, x_shape = self._cache
        grad_x, self.grad_W, self.grad_b = conv2d_backward(grad_out, col, x_shape, self.W)
        return grad_x


@mistake(
    "Conv2D",
    name="adds the gradients of each backward to the last ones",
    hints=(
        "What is in grad_W after the same forward and backward have run twice?",
        "The pixel 5, the gradient 2, twice the same step: grad_W is 10 each time; yours is 10 "
        "and then 20.",
        "backward replaces the gradients: they belong to the latest batch alone.",
    ),
)
class AddsUpTheGradients(Conv2D):
    def backward(self, grad_out):
        grad_W, grad_b = self.grad_W, self.grad_b
        grad_x = super().backward(grad_out)
        if grad_W is not None:
            self.grad_W, self.grad_b = grad_W + self.grad_W, grad_b + self.grad_b
        return grad_x


@mistake(
    "Conv2D",
    name="sets the gradients back in forward, and adds to them in backward",
    hints=(
        "What is in grad_W after one forward and two backwards?",
        "The pixel 5, then the gradient 2 twice: grad_W is 10 each time; yours is 10 and then 20.",
        "backward replaces the gradients, whatever was called before it.",
    ),
)
class SetsBackInForward(Conv2D):
    def forward(self, x):
        self.grad_W = self.grad_b = 0
        return super().forward(x)

    def backward(self, grad_out):
        grad_W, grad_b = self.grad_W, self.grad_b
        grad_x = super().backward(grad_out)
        self.grad_W, self.grad_b = grad_W + self.grad_W, grad_b + self.grad_b
        return grad_x


@mistake(
    "Conv2D",
    name="keeps the gradients of its first backward for ever",
    hints=(
        "Does your second backward write grad_W, or does it find it written already?",
        "The pixel 5 with the gradient 2, then the pixel 7 with the gradient 2: grad_W is 10 "
        "and then 14; yours stays 10.",
        "backward replaces the gradients: they belong to the latest batch alone.",
    ),
)
class KeepsTheFirstGradients(Conv2D):
    def backward(self, grad_out):
        first = self.grad_W, self.grad_b
        grad_x = super().backward(grad_out)
        if first[0] is not None:
            self.grad_W, self.grad_b = first
        return grad_x


@mistake(
    "Conv2D",
    name="divides its gradients by the number of images",
    hints=(
        "Who divides by N: the loss, or every layer after it as well?",
        "Two images of one pixel, 10 and 20, a 1x1 filter, gradients 2 and 4: grad_W is "
        "10*2 + 20*4 = 100; yours is 50.",
        "The loss divides by N, once. Everything behind it adds up over the batch.",
    ),
)
class TakesTheMeanAgain(Conv2D):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_W = self.grad_W / len(grad_out)
        self.grad_b = self.grad_b / len(grad_out)
        return grad_x


@mistake(
    "Conv2D",
    name="computes the gradients and does not keep them",
    hints=(
        "Where are the gradients when backward has returned?",
        "The pixel 5, a 1x1 filter, the gradient 2: afterwards grad_W is 10 and grad_b is 2; "
        "yours are None.",
        "What the optimiser needs must be an attribute: a local name ends with the function.",
    ),
)
class DropsTheGradients(Conv2D):
    def backward(self, grad_out):
        grad_x = super().backward(grad_out)
        self.grad_W = self.grad_b = None
        return grad_x


@mistake(
    "Conv2D",
    name="does not return grad_x from backward",
    hints=(
        "What does the layer before this one get from backward?",
        "The pixel 5 under a weight of 3, gradient 2: backward returns 6; yours returns None.",
        "Each layer hands the gradient of its input on to the layer before it.",
    ),
)
class ReturnsNoGradient(Conv2D):
    def backward(self, grad_out):
        super().backward(grad_out)


@mistake(
    "Conv2D",
    name="returns all three gradients from backward",
    hints=(
        "What does the layer before this one get from backward?",
        "The pixel 5 under a weight of 3, gradient 2: backward returns one array, 6; yours "
        "returns three, 6, 10 and 2.",
        "A layer hands on the gradient of its input; those of W and b it keeps.",
    ),
)
class ReturnsAllGradients(Conv2D):
    def backward(self, grad_out):
        return super().backward(grad_out), self.grad_W, self.grad_b


@mistake(
    "Conv2D",
    name="takes whatever set_params is given, of any shape",
    hints=(
        "What happens when set_params gets filters of another size?",
        "A layer with 4 filters must refuse 5 biases with a ValueError; yours keeps them.",
        "A layer's shapes are fixed when it is made.",
    ),
)
class TakesAnyParameters(Conv2D):
    def set_params(self, W, b):
        self.W, self.b = _floats(W).copy(), _floats(b).copy()


@mistake(
    "Conv2D",
    name="compares only the channels of W in set_params, not the kernel",
    hints=(
        "Which axes of W does set_params compare?",
        "A layer with a 2x2 kernel must refuse filters of 5x5 with a ValueError; yours keeps "
        "them.",
        "A layer's shapes are fixed when it is made, the kernel as well.",
    ),
)
class TakesAnyKernel(Conv2D):
    def set_params(self, W, b):
        if W.ndim != 4 or W.shape[2:] != self.W.shape[2:] or b.shape != self.b.shape:
            raise ValueError(f"W must have the shape {self.W.shape}, not {W.shape}")
        self.W, self.b = _floats(W).copy(), _floats(b).copy()


@mistake(
    "Conv2D",
    name="does not look at the shape of b in set_params",
    hints=(
        "Which of the two shapes does set_params compare?",
        "A layer with 4 filters must refuse 5 biases with a ValueError; yours keeps them.",
        "A layer's shapes are fixed when it is made, that of b as well.",
    ),
)
class TakesAnyBias(Conv2D):
    def set_params(self, W, b):
        if W.shape != self.W.shape:
            raise ValueError(f"W must have the shape {self.W.shape}, not {W.shape}")
        self.W, self.b = _floats(W).copy(), _floats(b).copy()


@mistake(
    "Conv2D",
    name="counts the biases that set_params gets, and does not look at their shape",
    hints=(
        "Do two arrays with as many numbers have the same shape?",
        "A layer with 4 filters must refuse a b of shape (4, 1) with a ValueError; yours keeps "
        "it.",
        "Shapes must be equal, axis by axis.",
    ),
)
class CountsTheBiases(Conv2D):
    def set_params(self, W, b):
        if W.shape != self.W.shape or b.size != self.b.size:
            raise ValueError(f"W must be {self.W.shape}, with {self.b.size} biases")
        self.W, self.b = _floats(W).copy(), _floats(b).copy()


@mistake(
    "Conv2D",
    name="compares only how many numbers set_params gets, and reshapes them",
    hints=(
        "Can two arrays with as many numbers each mean different filters?",
        "A layer with W of shape (2, 2, 3, 2) must refuse (2, 2, 2, 3), also 24 numbers; yours "
        "reshapes it, which scrambles the filters.",
        "Shapes must be equal, axis by axis.",
    ),
)
class CountsTheParameters(Conv2D):
    def set_params(self, W, b):
        if W.size != self.W.size or b.size != self.b.size:
            raise ValueError(f"expected {self.W.size} weights and {self.b.size} biases")
        self.W = _floats(W).reshape(self.W.shape).copy()
        self.b = _floats(b).reshape(self.b.shape).copy()


@mistake(
    "Conv2D",
    name="ignores the b of set_params",
    hints=(
        "How many attributes does set_params write?",
        "After set_params(W, b) with the bias 7, layer.b is 7; yours is still 0.",
        "What set_params gets is what get_params gives.",
    ),
)
class IgnoresTheNewBias(Conv2D):
    def set_params(self, W, b):
        bias = self.b
        super().set_params(W, b)
        self.b = bias


@mistake(
    "Conv2D",
    name="returns (b, W) from get_params",
    hints=(
        "In which order does the docstring of get_params name the two?",
        "A layer with two 1x1 filters: the first array has the shape (1, 1, 1, 2), the second "
        "(2,); yours come in the other order.",
        "What get_params gives can be handed to set_params as it is.",
    ),
)
class ReturnsTheBiasFirst(Conv2D):
    def get_params(self):
        return self.b, self.W


@mistake(
    "Conv2D",
    name="returns the parameters from get_gradients",
    hints=(
        "Which two attributes does get_gradients return?",
        "The pixel 5 under a weight of 3, gradient 2: get_gradients() gives 10 and 2; yours "
        "gives the weight 3 and the bias.",
        "The gradients are what backward has stored last.",
    ),
)
class ReturnsParametersForGradients(Conv2D):
    def get_gradients(self):
        return self.W, self.b


@mistake(
    "Conv2D",
    name="returns (grad_b, grad_W) from get_gradients",
    hints=(
        "In which order does the docstring of get_gradients name the two?",
        "The pixel 5 under a weight of 3, gradient 2: get_gradients() gives 10 and 2, in that "
        "order; yours gives 2 and 10.",
        "Gradients come in the order of their parameters: W, then b.",
    ),
)
class ReturnsTheBiasGradientFirst(Conv2D):
    def get_gradients(self):
        return self.grad_b, self.grad_W
