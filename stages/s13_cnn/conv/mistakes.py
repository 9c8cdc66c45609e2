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
    name="does not loop: it hands the work to conv2d_forward",
    hints=(
        "What would tell you that the matrix product is right, if the loops use it themselves?",
        "For an image of 3x4 and a filter of 2x2 the loops stop at 2 * 3 = 6 windows, one after "
        "the other; yours stop at none.",
        "The two functions are two ways to the same numbers: neither may call the other.",
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
        window = x[n, oh * SH : oh * SH + KH, ow * SW : ow * SW + KW]
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
        "Pixels 1 2 3 4 5 in a row, a single weight of 10, stride 2: 10 30 50; yours is "
        "10 20 30.",
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
    name="cuts its windows a row and a column too short",
    hints=(
        "Print the shape of one window beside the shape of one filter.",
        "A 2x2 filter needs the rows 0 and 1: a slice from 0 up to 2. Yours goes up to 1.",
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
    name="computes the images in a loop, one after the other",
    hints=(
        "How often does Python come to the line with your product, for a batch of 1,000 images?",
        "Three images with 2 windows each: col has 6 rows, and one product does them all; yours "
        "takes three products of 2 rows.",
        "The rows of col do not care which image they come from.",
    ),
)
def forward_loops_over_images(x, W, b, stride=1, padding=0):
    col, columns, shape = _windows(x, W, b, stride, padding)
    N, OH, OW, C_out = shape
    out = np.empty((N, OH * OW, C_out), np.result_type(col, W))
    for n in range(N):
        out[n] = col[n * OH * OW : (n + 1) * OH * OW] @ columns + b
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
    same_as=(),
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
        "Pixels 1 2 3 4 5 in a row, a single weight of 10, stride 2: 10 30 50; yours is "
        "10 20 30.",
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
        "Whoever calls it writes: out, col = conv2d_forward(x, W, b).",
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


