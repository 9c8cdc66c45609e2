"""Known wrong answers of this stage, what they are called, and how a tutor would hint."""

import numpy as np

from grader.mistakes import mistake
from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d, resolve_padding


# --- pad2d: which axes grow ---------------------------------------------------------------
def _given(x, padding):
    """Check the arguments as the stub does."""
    require_images(x)
    return as_sides(padding)


def _widened(x, value):
    """Give `x` the dtype of the right answer."""
    return x.astype(pad2d(x, 0, value).dtype)


@mistake(
    "pad2d",
    name="pads every axis, the batch and the channels too",
    hints=(
        "Which axes of x hold pixels side by side? Print x.shape before and after.",
        "One 2x2 image, shape (1, 2, 2, 1), with padding 1 must become (1, 4, 4, 1); "
        "yours becomes (3, 4, 4, 3).",
        "N and C never change. H grows by top + bottom, W by left + right.",
    ),
)
def pads_every_axis(x, padding, value=0.0):
    _given(x, padding)
    return np.pad(x, padding, constant_values=value)


@mistake(
    "pad2d",
    name="pads the last two axes, which are W and C here",
    hints=(
        "Read x.shape aloud and say what each number counts. Where do H and W stand?",
        "A 2x3 image, shape (1, 2, 3, 1), with padding 1 must become (1, 4, 5, 1); "
        "yours becomes (1, 2, 5, 3).",
        "The layout is (N, H, W, C): the number of channels is the same before and after.",
    ),
)
def pads_width_and_channels(x, padding, value=0.0):
    rows, columns = _given(x, padding)
    return np.pad(_widened(x, value), ((0, 0), (0, 0), rows, columns), constant_values=value)


@mistake(
    "pad2d",
    name="pads the first two axes, which are N and H here",
    hints=(
        "x is a batch of images, not one image. What does its first axis count?",
        "A 2x3 image, shape (1, 2, 3, 1), with padding 1 must become (1, 4, 5, 1); "
        "yours becomes (3, 4, 3, 1).",
        "The layout is (N, H, W, C): as many images come out as went in.",
    ),
)
def pads_batch_and_height(x, padding, value=0.0):
    rows, columns = _given(x, padding)
    return np.pad(_widened(x, value), (rows, columns, (0, 0), (0, 0)), constant_values=value)


@mistake(
    "pad2d",
    name="exchanges height and width",
    hints=(
        "With one number for all sides you cannot see it. Try padding (1, 2) on a 4x5 image.",
        "A 4x5 image with padding (1, 2) must become 6x9; yours becomes 8x7.",
        "The first number of the padding belongs to the rows, the second to the columns.",
    ),
)
def exchanges_height_and_width(x, padding, value=0.0):
    rows, columns = _given(x, padding)
    return pad2d(x, (columns, rows), value)


@mistake(
    "pad2d",
    name="does nothing as soon as one of the paddings is 0",
    hints=(
        "Look at the condition under which you return early. List the four cases: rows yes or "
        "no, columns yes or no.",
        "A single pixel with padding (1, 0) must become 3 rows and 1 column; yours stays 1x1.",
        "Each axis has its own frame: a 0 on one of them says nothing about the other.",
    ),
)
def stops_when_one_is_zero(x, padding, value=0.0):
    (top, _), (left, _) = _given(x, padding)
    if top == 0 or left == 0:
        return _widened(x, value)
    return pad2d(x, padding, value)


@mistake(
    "pad2d",
    name="uses the number of the top for the bottom, and of the left for the right",
    hints=(
        "There are four numbers. Where does your code use each of them?",
        "A single pixel with padding ((0, 1), (0, 0)) must become 2 rows; yours stays 1 row.",
        "The result has top + H + bottom rows and left + W + right columns.",
    ),
)
def takes_both_sides_as_equal(x, padding, value=0.0):
    (top, _), (left, _) = _given(x, padding)
    return pad2d(x, (top, left), value)


@mistake(
    "pad2d",
    name="reads the four numbers as ((top, left), (bottom, right))",
    hints=(
        "Which two numbers stand together in the padding: two sides of one axis, or one corner?",
        "A single pixel with padding (1, 2) must become 3x5; yours becomes 4x4.",
        "The numbers are grouped by axis: the first pair adds rows only.",
    ),
)
def groups_top_with_left(x, padding, value=0.0):
    (top, left), (bottom, right) = _given(x, padding)
    return pad2d(x, ((top, bottom), (left, right)), value)


@mistake(
    "pad2d",
    name="makes room above and to the left only",
    hints=(
        "Compare the shape of your result with the one in the docstring.",
        "A 2x2 image with padding 1 must become 4x4; yours becomes 3x3.",
        "An image has two ends on each axis, and both get their part of the frame.",
    ),
)
def frames_two_sides(x, padding, value=0.0):
    (top, _), (left, _) = _given(x, padding)
    return pad2d(x, ((top, 0), (left, 0)), value)


# --- pad2d: where the image goes ----------------------------------------------------------
def _empty_frame(x, padding, value):
    """Make the frame without the image, and the four sides."""
    (top, bottom), (left, right) = _given(x, padding)
    N, H, W, C = x.shape
    shape = (N, H + top + bottom, W + left + right, C)
    return np.full(shape, value, dtype=_widened(x, value).dtype), (top, bottom, left, right)


@mistake(
    "pad2d",
    name="puts the image into the upper left corner of the frame",
    hints=(
        "The shape is right. At which row and column of the result does the image begin?",
        "A single pixel 5 with padding 1 must give the rows 0 0 0 / 0 5 0 / 0 0 0; yours gives "
        "5 0 0 / 0 0 0 / 0 0 0.",
        "Pixel (0, 0) of the image comes to stand at (top, left) of the result.",
    ),
)
def starts_in_the_corner(x, padding, value=0.0):
    padded, _ = _empty_frame(x, padding, value)
    padded[:, : x.shape[1], : x.shape[2]] = x
    return padded


@mistake(
    "pad2d",
    name="exchanges before and after: top with bottom, left with right",
    hints=(
        "Equal sides hide it. Try a padding of ((0, 1), (0, 0)).",
        "A single pixel 5 with padding ((0, 1), (0, 0)) must give the rows 5 / 0; "
        "yours gives 0 / 5.",
        "There are exactly `top` rows of frame above the first row of the image.",
    ),
)
def exchanges_before_and_after(x, padding, value=0.0):
    padded, (_, bottom, _, right) = _empty_frame(x, padding, value)
    padded[:, bottom : bottom + x.shape[1], right : right + x.shape[2]] = x
    return padded


@mistake(
    "pad2d",
    name="ends the slice for the image at H and W, though it begins later",
    hints=(
        "NumPy says which two shapes do not fit. How many rows does your slice hold?",
        "A 2x2 image with padding 1: your slice holds row 1 alone, but the image has 2 rows, "
        "which must go to the rows 1 and 2.",
        "A slice for n pixels that begins at a ends before a + n.",
    ),
)
def ends_the_slice_too_early(x, padding, value=0.0):
    padded, (top, _, left, _) = _empty_frame(x, padding, value)
    padded[:, top : x.shape[1], left : x.shape[2]] = x
    return padded


@mistake(
    "pad2d",
    name="counts the end of the slice from the back, which fails for a padding of 0",
    hints=(
        "It works as long as every side has a frame. What is a slice that ends at -0?",
        "np.array([5, 6, 7])[0:-0] is empty, and so is your place for an image with no frame at "
        "the bottom.",
        "A padding of 0 is a padding like any other: the image is still H rows high.",
    ),
)
def slices_to_minus_zero(x, padding, value=0.0):
    padded, (top, bottom, left, right) = _empty_frame(x, padding, value)
    padded[:, top:-bottom, left:-right] = x
    return padded


@mistake(
    "pad2d",
    name="adds the pixels to the frame's value instead of putting them in its place",
    hints=(
        "With a value of 0 you cannot see it. Look at the pixels, not at the frame.",
        "A single pixel 5 in a frame of 2 must still be 5; yours becomes 7.",
        "What is cut out of the result at the image's place is the image, unchanged.",
    ),
)
def adds_pixels_to_the_value(x, padding, value=0.0):
    padded, (top, _, left, _) = _empty_frame(x, padding, value)
    padded[:, top : top + x.shape[1], left : left + x.shape[2]] += x.astype(padded.dtype)
    return padded


@mistake(
    "pad2d",
    name="fills the first image of the batch only",
    hints=(
        "Which index does the first axis of your result have in the assignment?",
        "Two images of one pixel, 5 and 6, with padding 1: the middle of the second must be 6; "
        "yours is 0.",
        "Every image of the batch is treated alike.",
    ),
)
def fills_the_first_image(x, padding, value=0.0):
    padded, (top, _, left, _) = _empty_frame(x, padding, value)
    padded[0, top : top + x.shape[1], left : left + x.shape[2]] = x[0]
    return padded


@mistake(
    "pad2d",
    name="returns x itself when there is nothing to pad",
    hints=(
        "What do you return when the padding is 0, and to whom does that array belong?",
        "padded = pad2d(x, 0); padded[0, 0, 0, 0] = 9 must leave x as it was; yours writes 9 "
        "into x.",
        "A result never shares memory with an argument.",
    ),
)
def returns_x_itself(x, padding, value=0.0):
    if _given(x, padding) == ((0, 0), (0, 0)):
        return x
    return pad2d(x, padding, value)


_KEPT: dict = {}


@mistake(
    "pad2d",
    name="keeps one array for all results of a size, and the next call overwrites it",
    hints=(
        "Where does your function make its array: at each call, or once?",
        "Two images of one pixel, 5 and then 6: after both calls the first result must still hold "
        "5; yours holds 6.",
        "A result belongs to the caller: no later call may change it.",
    ),
)
def keeps_one_array(x, padding, value=0.0):
    right = pad2d(x, padding, value)
    kept = _KEPT.setdefault((right.shape, right.dtype), right)
    kept[...] = right
    return kept


# --- pad2d: the value and the dtype -------------------------------------------------------
def _filled(x, padding, value, dtype=None):
    """Do it right but for the dtype."""
    (top, bottom), (left, right) = _given(x, padding)
    N, H, W, C = x.shape
    padded = np.full((N, H + top + bottom, W + left + right, C), value, dtype=dtype)
    padded[:, top : top + H, left : left + W] = x
    return padded


@mistake(
    "pad2d",
    name="never uses `value`: the frame is always 0",
    hints=(
        "Which argument have you not used yet?",
        "A single pixel 5 with padding 1 and value -1 has -1 in every corner; yours has 0.",
        "Every entry that is not a pixel of the image equals `value`.",
    ),
)
def ignores_value(x, padding, value=0.0):
    return pad2d(x, padding).astype(_widened(x, value).dtype)


@mistake(
    "pad2d",
    name="repeats the pixels at the border, where the frame should hold `value`",
    hints=(
        "What does your frame hold: one number everywhere, or what stands beside it?",
        "A single pixel 5 with padding 1 must give the rows 0 0 0 / 0 5 0 / 0 0 0; yours gives "
        "5 in all nine places.",
        "Every entry that is not a pixel of the image equals `value`.",
    ),
)
def repeats_the_border(x, padding, value=0.0):
    rows, columns = _given(x, padding)
    return np.pad(_widened(x, value), ((0, 0), rows, columns, (0, 0)), mode="edge")


@mistake(
    "pad2d",
    name="has no parameter `value`",
    hints=(
        "Compare your def line with the one that the stub came with.",
        "pad2d(x, 1, value=-1) must give a frame of -1; yours ends in a TypeError.",
        "Names, order and defaults of the parameters are part of the task.",
    ),
)
def has_no_value(x, padding):
    return pad2d(x, padding)


@mistake(
    "pad2d",
    name="replaces every 0 by `value`, the black pixels of the image too",
    hints=(
        "How does your code know which entries belong to the frame? By their place, or by what "
        "they hold?",
        "The two pixels 0 5 with padding ((0, 0), (1, 0)) and value 7 must become 7 0 5; "
        "yours becomes 7 7 5.",
        "Pixels keep their values, whatever these are.",
    ),
)
def replaces_black_pixels(x, padding, value=0.0):
    padded = pad2d(x, padding).astype(_widened(x, value).dtype)
    padded[padded == 0] = value
    return padded


@mistake(
    "pad2d",
    name="squeezes `value` into the dtype of x",
    hints=(
        "Which dtype does your result have, and can it hold the value that was asked for?",
        "Whole pixels, int64, in a frame of 0.5: the corner must be 0.5; yours is 0.",
        "Every entry of the frame equals `value` exactly.",
    ),
)
def squeezes_value(x, padding, value=0.0):
    return _filled(x, padding, value, x.dtype)


@mistake(
    "pad2d",
    name="leaves it to np.pad to squeeze `value` into the dtype of x",
    hints=(
        "np.pad keeps the dtype of x, whatever the value. Which dtype can hold both?",
        "uint8 pixels in a frame of -1: the corner must be -1; yours is 255. int64 pixels in a "
        "frame of 0.5: it must be 0.5; yours is 0.",
        "Every entry of the frame equals `value` exactly.",
    ),
)
def leaves_value_to_np_pad(x, padding, value=0.0):
    rows, columns = _given(x, padding)
    return np.pad(x, ((0, 0), rows, columns, (0, 0)), constant_values=value)


@mistake(
    "pad2d",
    name="returns float64 whatever x is",
    hints=(
        "Print the dtype of the result for a float32 image. Which line decided it?",
        "float32 pixels with padding 1 must stay float32; yours are float64, twice the memory.",
        "The result keeps the dtype of x wherever that can hold `value`.",
    ),
)
def always_float64(x, padding, value=0.0):
    return pad2d(x, padding, value).astype(np.float64)


@mistake(
    "pad2d",
    name="takes the dtype of `value` instead of that of x",
    hints=(
        "Which dtype does np.full choose when it is only given a value?",
        "The pixel 2.75 in a frame of the whole number 3 must stay 2.75; yours becomes 2.",
        "No pixel changes: the result can hold everything that x holds.",
    ),
)
def takes_dtype_of_value(x, padding, value=0.0):
    return _filled(x, padding, value)


@mistake(
    "pad2d",
    name="widens the dtype for every `value` that is a float, even where it fits",
    hints=(
        "Does your code look at the value, or only at its type?",
        "uint8 pixels in a frame of 0.0 must stay uint8, since uint8 holds a 0 exactly; "
        "yours become float64.",
        "The dtype grows only if `value` would change on its way into the dtype of x.",
    ),
)
def widens_for_every_float(x, padding, value=0.0):
    widened = x.astype(np.promote_types(x.dtype, np.asarray(value).dtype))
    return pad2d(widened, padding, value)


@mistake(
    "pad2d",
    name="asks np.result_type, which looks at the kind of `value` and not at the number",
    hints=(
        "What does np.result_type answer for uint8 and 0.0, and for uint8 and -1?",
        "uint8 pixels in a frame of 0.0 must stay uint8, and in a frame of -1 they must become "
        "a signed type; yours become float64, and end in an error.",
        "The dtype grows if, and only if, `value` would change on its way into that of x.",
    ),
)
def asks_result_type(x, padding, value=0.0):
    _given(x, padding)
    return _filled(x, padding, value, np.result_type(x, value))


def _is_kept(x, value):
    """Whether the right answer keeps the dtype of `x`."""
    _given(x, 0)
    return _widened(x, value).dtype == x.dtype


@mistake(
    "pad2d",
    name="asks np.result_type about the bare number, which counts for less than a dtype",
    hints=(
        "What does np.result_type answer for float32 and the number 0.1, and what for float32 "
        "and the dtype of np.asarray(0.1)?",
        "float32 pixels in a frame of 0.1 must become float64; yours stay float32, and the "
        "corner is 0.10000000149, a little more than 0.1.",
        "Where the dtype grows, it is what NumPy finds for two dtypes.",
    ),
)
def asks_about_the_bare_number(x, padding, value=0.0):
    kept = _is_kept(x, value)
    return _filled(x, padding, value, x.dtype if kept else np.result_type(x.dtype, value))


@mistake(
    "pad2d",
    name="takes float64 for every `value` that does not fit, a whole number too",
    hints=(
        "Which dtype do you choose when that of x cannot hold the value? Does it depend on "
        "the value?",
        "uint8 pixels in a frame of -1 must become int64, which holds both; yours become float64.",
        "Whole pixels in a frame of a whole number give whole numbers.",
    ),
)
def widens_to_float64(x, padding, value=0.0):
    return _filled(x, padding, value, x.dtype if _is_kept(x, value) else np.float64)


@mistake(
    "pad2d",
    name="takes nan for a value that every dtype holds, whole numbers too",
    hints=(
        "Your code makes an exception for nan. For which dtypes of x is that right?",
        "Whole pixels, int64, in a frame of nan: the corner must be nan, in float64; yours is "
        "some int64, such as -9223372036854775808, since none of them is nan.",
        "Every float dtype holds nan; no dtype of integers does.",
    ),
)
def takes_nan_for_kept(x, padding, value=0.0):
    kept = _is_kept(x, value) or value != value
    return _filled(x, padding, value, x.dtype if kept else _widened(x, value).dtype)


@mistake(
    "pad2d",
    name="asks for the range of a float dtype, and not whether it has this very number",
    hints=(
        "Can float32 hold every number between its smallest and its largest?",
        "float32 pixels in a frame of 0.1 must become float64; yours stay float32, and the "
        "corner is 0.10000000149, a little more than 0.1.",
        "The value goes into the dtype of x and comes back unchanged, or the dtype grows.",
    ),
)
def asks_for_the_range(x, padding, value=0.0):
    kept = _is_kept(x, value) or (x.dtype.kind == "f" and abs(value) <= np.finfo(x.dtype).max)
    return _filled(x, padding, value, x.dtype if kept else _widened(x, value).dtype)


@mistake(
    "pad2d",
    name="takes nan for a value that a float cannot hold, since nan is not equal to itself",
    hints=(
        "How does your code find out whether the dtype of x holds the value? What does it find "
        "for nan?",
        "float32 pixels in a frame of nan must stay float32; yours become float64.",
        "Every float dtype holds nan, and `nan == nan` is False.",
    ),
)
def never_sees_nan_kept(x, padding, value=0.0):
    padded = pad2d(x, padding, value)
    unequal = np.asarray(value) != value
    return padded.astype(np.result_type(x.dtype, np.asarray(value).dtype)) if unequal else padded


@mistake(
    "pad2d",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "A single pixel with padding 1 must come back as a 3x3 image; yours comes back as None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def pads_without_return(x, padding, value=0.0):
    pad2d(x, padding, value)


# --- get_output_shape: the formula --------------------------------------------------------
def _axes(input_shape, kernel_size, stride, padding):
    """Check the sizes as the stub does; (n, before, after, k, s) of both axes."""
    n, k = as_pair(input_shape, "input_shape"), as_pair(kernel_size, "kernel_size")
    s, sides = as_pair(stride, "stride"), as_sides(padding)
    return [(n[i], *sides[i], k[i], s[i]) for i in (0, 1)]


def _fitting_axes(*sizes):
    """Give the same, for a window that fits."""
    get_output_shape(*sizes)
    return _axes(*sizes)


@mistake(
    "get_output_shape",
    name="counts the padding on one side only",
    hints=(
        "On how many sides of an axis does padding add pixels?",
        "3 pixels with padding 1 are 5 in all, so a window of 3 has 3 positions; yours says 2.",
        "The window slides over before + n + after pixels.",
    ),
)
def counts_padding_once(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((n + before - k) // s + 1 for n, before, _, k, s in axes)


@mistake(
    "get_output_shape",
    name="takes twice the padding of the top or left, as if both sides were equal",
    hints=(
        "Try a padding whose four numbers differ. Which of them does your answer depend on?",
        "3 rows with nothing above and 1 below are 4, so a window of 3 has 2 positions; "
        "yours says 1.",
        "The window slides over before + n + after pixels, and the two may differ.",
    ),
)
def doubles_the_first_side(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((n + 2 * before - k) // s + 1 for n, before, _, k, s in axes)


@mistake(
    "get_output_shape",
    name="doubles a padding that already counts both sides",
    hints=(
        "The formula with 2p has one p for both sides. Here you have a number for each.",
        "3 pixels with padding 1 are 5 in all, so a window of 3 has 3 positions; yours says 5.",
        "The window slides over before + n + after pixels.",
    ),
)
def doubles_both_sides(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((n + 2 * (a + b) - k) // s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="leaves the padding out",
    hints=(
        "Which argument have you not used yet?",
        "3 pixels with padding 1 are 5 in all, so a window of 3 has 3 positions; yours says 1.",
        "The window slides over before + n + after pixels.",
    ),
)
def leaves_padding_out(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((n - k) // s + 1 for n, _, _, k, s in axes)


@mistake(
    "get_output_shape",
    name="uses `padding` as one number, though it may be a pair",
    hints=(
        "Which forms may the padding have? The stub has already turned them into one.",
        "padding=(1, 2) means 1 row and 2 columns on either side: 3x3 pixels become 5x7, and a "
        "window of 3 has (3, 5) positions; yours ends in a TypeError.",
        "An int, a pair and a pair of pairs all end up as top, bottom, left and right.",
    ),
)
def uses_padding_as_a_number(input_shape, kernel_size, stride=1, padding=0):
    (H, *_, KH, SH), (W, *_, KW, SW) = _fitting_axes(input_shape, kernel_size, stride, padding)
    return (H + 2 * padding - KH) // SH + 1, (W + 2 * padding - KW) // SW + 1


@mistake(
    "get_output_shape",
    name="forgets the position before the first step",
    hints=(
        "How many positions are there when the window is as large as the image?",
        "3 pixels and a window of 3: there is 1 position; yours says 0.",
        "There is one more position than there are steps.",
    ),
)
def forgets_plus_one(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) // s for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="counts one position too many, everywhere",
    hints=(
        "How many positions are there when the window is as large as the image?",
        "3 pixels and a window of 3: there is 1 position; yours says 2.",
        "There is one more position than there are steps, and not two.",
    ),
)
def adds_two(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) // s + 2 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="adds the 1 before the division",
    hints=(
        "At stride 1 it makes no difference. What exactly is divided by the stride?",
        "3 pixels, a window of 3, stride 2: there is 1 position; yours says 0.",
        "The steps are counted first, whole ones only; the start is added to them.",
    ),
)
def adds_one_too_early(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k + 1) // s for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="returns fractions",
    hints=(
        "Sizes are counts. What is the type of your numbers?",
        "10 pixels, a window of 3, stride 2: there are 4 positions; yours says 4.5. And where "
        "it is right, it says 1.0 for 1, which no array takes as its size.",
        "An output size is an int: so many positions, and no part of one.",
    ),
)
def returns_fractions(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) / s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="rounds up: it counts a window that hangs over the edge",
    hints=(
        "What happens to pixels that are too few for another step?",
        "10 pixels, a window of 3, stride 2: windows begin at 0, 2, 4 and 6, which makes 4; "
        "yours says 5, and the fifth would need pixel 10.",
        "Every window lies inside the padded image, all of it.",
    ),
)
def rounds_up(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple(-(-(a + n + b - k) // s) + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="leaves the window out: every step over the padded image counts, as far as its edge",
    hints=(
        "Which argument does your number of positions not depend on?",
        "10 pixels, a window of 3, stride 2: windows begin at 0, 2, 4 and 6, which makes 4; "
        "yours says 5, and a window at 8 would need pixel 10.",
        "Every window lies inside the padded image, all of it.",
    ),
)
def leaves_the_window_out(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple(-(-(a + n + b) // s) for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="rounds to the nearest whole number",
    hints=(
        "Which way does your division round? Try what it does with 1.5, and what with 2.5.",
        "6 pixels, a window of 3, stride 2: windows begin at 0 and 2, which makes 2; yours "
        "says 3.",
        "Half a step, or two thirds of one, is no step.",
    ),
)
def rounds_to_nearest(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple(round((a + n + b - k) / s) + 1 for n, a, b, k, s in axes)


# --- get_output_shape: height and width ---------------------------------------------------
@mistake(
    "get_output_shape",
    name="steps to the right as far as down: one stride for both axes",
    hints=(
        "Squares hide it. Which stride do you divide the width by?",
        "A 5x5 image, a window of 1, stride (2, 1): the answer is (3, 5); yours is (3, 3).",
        "OW depends on nothing that belongs to the height.",
    ),
)
def one_stride_for_both(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) // axes[0][4] + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="takes the window's height for its width as well",
    hints=(
        "Squares hide it. Which number do you subtract from the width?",
        "A 9x8 image and a window of (3, 2): the answer is (7, 7); yours is (7, 6).",
        "OW depends on nothing that belongs to the height.",
    ),
)
def one_kernel_for_both(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - axes[0][3]) // s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="takes the padding of top and bottom for left and right as well",
    hints=(
        "Equal paddings hide it. Which padding do you add to the width?",
        "A 9x8 image, a window of 3, padding (1, 2): the answer is (9, 10); yours is (9, 8).",
        "OW depends on nothing that belongs to the height.",
    ),
)
def one_padding_for_both(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    frame = axes[0][1] + axes[0][2]
    return tuple((n + frame - k) // s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="takes the image for a square",
    hints=(
        "Which of the two numbers of input_shape does your answer depend on?",
        "A 4x3 image and a window of 3: the answer is (2, 1); yours is (2, 2).",
        "OW is counted along the width, which may differ from the height.",
    ),
)
def takes_the_image_for_a_square(input_shape, kernel_size, stride=1, padding=0):
    axes = _fitting_axes(input_shape, kernel_size, stride, padding)
    return tuple((a + axes[0][0] + b - k) // s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="exchanges the two strides",
    hints=(
        "Squares hide it. Which stride do you divide the height by?",
        "A 5x5 image, a window of 1, stride (2, 1): the answer is (3, 5); yours is (5, 3).",
        "Every pair is (height, width): the first number counts steps down.",
    ),
)
def exchanges_strides(input_shape, kernel_size, stride=1, padding=0):
    SH, SW = as_pair(stride, "stride")
    return get_output_shape(input_shape, kernel_size, (SW, SH), padding)


@mistake(
    "get_output_shape",
    name="returns the width before the height",
    hints=(
        "Squares hide it. In which order do you return the two numbers?",
        "A 4x3 image and a window of 3: the answer is (2, 1); yours is (1, 2).",
        "Every pair is (height, width), the result as well.",
    ),
)
def returns_width_first(input_shape, kernel_size, stride=1, padding=0):
    return get_output_shape(input_shape, kernel_size, stride, padding)[::-1]


@mistake(
    "get_output_shape",
    name="returns a list instead of a tuple",
    hints=(
        "Which brackets does your result have?",
        "A window as large as the image must give (1, 1); yours gives [1, 1].",
        "A shape is a tuple, as x.shape is.",
    ),
)
def returns_a_list(input_shape, kernel_size, stride=1, padding=0):
    return list(get_output_shape(input_shape, kernel_size, stride, padding))


@mistake(
    "get_output_shape",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        "A window as large as the image must give (1, 1); yours gives None.",
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def counts_without_return(input_shape, kernel_size, stride=1, padding=0):
    get_output_shape(input_shape, kernel_size, stride, padding)


# --- get_output_shape: windows that do not fit --------------------------------------------
@mistake(
    "get_output_shape",
    name="lets a window that does not fit pass, with a size of 0 or less",
    hints=(
        "What should a window do that is larger than its image?",
        "A window of 8 on 4 pixels has no position at all; yours has -3.",
        "There is at least one position, or there is an error.",
    ),
)
def lets_sizes_go_negative(input_shape, kernel_size, stride=1, padding=0):
    axes = _axes(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) // s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="answers 0 for a window that does not fit",
    hints=(
        "Who will notice a size of 0, and where? The one who made the mistake should.",
        "A window of 5 on 4 pixels must be refused; yours has 0 positions, and an empty array "
        "two functions later.",
        "There is at least one position, or there is an error that names both sizes.",
    ),
)
def answers_zero(input_shape, kernel_size, stride=1, padding=0):
    axes = _axes(input_shape, kernel_size, stride, padding)
    return tuple(max(0, (a + n + b - k) // s + 1) for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="tests the height alone for a window that does not fit",
    hints=(
        "For which axis do you test whether the window fits?",
        "A 3x7 window on a 6x4 image is too wide; yours answers (4, -2).",
        "A window fits if it fits on both axes.",
    ),
)
def tests_the_height_alone(input_shape, kernel_size, stride=1, padding=0):
    rows, columns = _axes(input_shape, kernel_size, stride, padding)
    n, a, b, k, _ = rows
    if k > a + n + b:
        return get_output_shape(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) // s + 1 for n, a, b, k, s in (rows, columns))


@mistake(
    "get_output_shape",
    name="refuses a window only if it is too high and too wide at once",
    hints=(
        "Look at the condition of your error: and/or. List the four cases.",
        "A 3x7 window on a 6x4 image is too wide; yours answers (4, -2). It is the same for a "
        "window that is too high.",
        "A window fits if it fits on both axes; one that fails is enough to refuse.",
    ),
)
def refuses_only_both(input_shape, kernel_size, stride=1, padding=0):
    axes = _axes(input_shape, kernel_size, stride, padding)
    if all(k > a + n + b for n, a, b, k, _ in axes):
        return get_output_shape(input_shape, kernel_size, stride, padding)
    return tuple((a + n + b - k) // s + 1 for n, a, b, k, s in axes)


@mistake(
    "get_output_shape",
    name="compares the window with the image without its frame",
    hints=(
        "What does the window slide over: the image, or the padded image?",
        "A window of 6 on 4 pixels with padding 1 fits, since 4 + 2 is 6: there is 1 position; "
        "yours refuses it.",
        "The window has to fit before + n + after pixels, not n.",
    ),
)
def compares_with_the_bare_image(input_shape, kernel_size, stride=1, padding=0):
    (H, *_, KH, _), (W, *_, KW, _) = _axes(input_shape, kernel_size, stride, padding)
    if KH > H or KW > W:
        raise ValueError(f"kernel {KH}x{KW} does not fit the input {H}x{W}")
    return get_output_shape(input_shape, kernel_size, stride, padding)


@mistake(
    "get_output_shape",
    name="refuses a window that just fits",
    hints=(
        "Is a window as large as the image too large?",
        "A window of 3 on 3 pixels has 1 position; yours refuses it.",
        "The smallest image that a window of k fits has k pixels.",
    ),
)
def refuses_a_perfect_fit(input_shape, kernel_size, stride=1, padding=0):
    rows, columns = (
        (a + n + b, k) for n, a, b, k, _ in _axes(input_shape, kernel_size, stride, padding)
    )
    if rows[0] <= rows[1] or columns[0] <= columns[1]:
        raise ValueError(
            f"kernel {rows[1]}x{columns[1]} does not fit the padded input {rows[0]}x{columns[0]}"
        )
    return get_output_shape(input_shape, kernel_size, stride, padding)


@mistake(
    "get_output_shape",
    name="refuses without naming the two sizes",
    hints=(
        "Read your message as someone who did not write the code. What would you have to know?",
        'A 5x5 window on a 4x4 image: the message has to name both, as in "kernel 5x5 does not '
        'fit the padded input 4x4".',
        "An error says what came and what would have been allowed.",
    ),
)
def refuses_without_sizes(input_shape, kernel_size, stride=1, padding=0):
    if any(k > a + n + b for n, a, b, k, _ in _axes(input_shape, kernel_size, stride, padding)):
        raise ValueError("the kernel is too large")
    return get_output_shape(input_shape, kernel_size, stride, padding)


@mistake(
    "get_output_shape",
    name="uses assert to refuse a window",
    hints=(
        "Which kind of exception does your refusal raise?",
        "A window of 5 on 4 pixels must raise a ValueError; yours raises an AssertionError.",
        "Bad input is a TypeError or a ValueError. An assert is a note to yourself, and Python "
        "leaves it out when it runs with -O.",
    ),
)
def asserts_the_fit(input_shape, kernel_size, stride=1, padding=0):
    for n, a, b, k, _ in _axes(input_shape, kernel_size, stride, padding):
        assert k <= a + n + b
    return get_output_shape(input_shape, kernel_size, stride, padding)


# --- resolve_padding ----------------------------------------------------------------------
def _modes(same, full):
    """Build a resolve_padding whose formulas for one axis are `same` and `full`."""

    def resolve(mode, kernel_size):
        sides = resolve_padding(mode, kernel_size)
        formula = {"same": same, "full": full}.get(mode)
        if formula is None:
            return sides
        return tuple(formula(k) for k in as_pair(kernel_size, "kernel_size"))

    return resolve


def _same(k):
    return (k - 1) // 2, k // 2


def _full(k):
    return k - 1, k - 1


@mistake(
    "resolve_padding",
    name='takes half the window on every side for "same", which is right for odd windows only',
    hints=(
        "Try a window of 2 at stride 1. How large is the output?",
        "A window of 2 on 5 pixels: with one more on both sides there are 6 positions, not 5. "
        "It needs (0, 1); yours is (1, 1).",
        'With "same" the two sides add up to k - 1: as many pixels as a window takes away.',
    ),
)
def same_is_half_on_both_sides(mode, kernel_size):
    return _modes(lambda k: (k // 2, k // 2), _full)(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='rounds both halves down for "same", so that an even window loses a pixel',
    hints=(
        "Try a window of 2 at stride 1. How large is the output?",
        "A window of 2 on 5 pixels leaves 4 positions without a frame. It needs (0, 1); yours "
        "is (0, 0).",
        'With "same" the two sides add up to k - 1: as many pixels as a window takes away.',
    ),
)
def same_rounds_down_twice(mode, kernel_size):
    return _modes(lambda k: ((k - 1) // 2, (k - 1) // 2), _full)(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='puts the extra pixel of "same" at the top and left',
    hints=(
        "The sum of the two sides is right. Which of them does the docstring give the larger "
        "part to?",
        "A window of 2 needs one pixel of frame. It must be (0, 1), at the bottom or right; "
        "yours is (1, 0).",
        'With "same" the side after the image is never smaller than the one before it.',
    ),
)
def same_begins_with_the_extra(mode, kernel_size):
    return _modes(lambda k: _same(k)[::-1], _full)(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='adds k - 1 on each side for "same", instead of on both together',
    hints=(
        "How many positions does a window of k take away from n pixels? Who gives them back?",
        "A window of 3 on 5 pixels must keep 5 positions, with (1, 1); yours, (2, 2), has 7.",
        'With "same" the two sides add up to k - 1.',
    ),
)
def same_adds_all_on_each_side(mode, kernel_size):
    return _modes(_full, _full)(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='returns fractions for "same"',
    hints=(
        "A padding is a number of pixels. What is the type of yours?",
        "A window of 3 needs (1, 1), and a window of 2 needs (0, 1); yours are (1.0, 1.0) and "
        "(0.5, 0.5).",
        "All four numbers are ints, and the two of an axis add up to k - 1.",
    ),
)
def same_returns_fractions(mode, kernel_size):
    return _modes(lambda k: ((k - 1) / 2, (k - 1) / 2), _full)(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='refuses an even window for "same"',
    hints=(
        "The sides of a frame may differ. Does that help an even window?",
        "A window of 2 needs one pixel of frame, as (0, 1): then 5 pixels keep 5 positions; "
        "yours refuses it.",
        '"same" exists for every window at stride 1.',
    ),
)
def same_refuses_even_windows(mode, kernel_size):
    if mode == "same" and any(k % 2 == 0 for k in as_pair(kernel_size, "kernel_size")):
        raise ValueError(f"'same' needs an odd kernel, not {kernel_size}")
    return resolve_padding(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='adds k pixels for "full", one too many',
    hints=(
        'With "full" the first window still covers one pixel of the image. Draw it.',
        "A window of 3: two pixels of frame and one of the image. It needs (2, 2); yours is "
        "(3, 3), and the first window sees nothing.",
        'With "full" every window covers at least one pixel of the image.',
    ),
)
def full_is_the_whole_window(mode, kernel_size):
    return _modes(_same, lambda k: (k, k))(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='shares the k - 1 of "full" between the two sides',
    hints=(
        'With "full" the first window covers one pixel only. Where does the rest of it lie?',
        "A window of 3: two pixels hang over at each end. It needs (2, 2); yours is (1, 1).",
        'With "full" there are n + k - 1 positions.',
    ),
)
def full_is_shared(mode, kernel_size):
    return _modes(_same, _same)(mode, kernel_size)


@mistake(
    "resolve_padding",
    name='exchanges "valid" and "full"',
    hints=(
        "Which of the two makes the result smaller, and which makes it larger?",
        'A window of 3: "valid" must be ((0, 0), (0, 0)); yours is ((2, 2), (2, 2)).',
        '"valid" never looks at a pixel that is not in the image.',
    ),
)
def exchanges_valid_and_full(mode, kernel_size):
    return resolve_padding({"valid": "full", "full": "valid"}.get(mode, mode), kernel_size)


@mistake(
    "resolve_padding",
    name="exchanges the window's height and width",
    hints=(
        "Squares hide it. Try a window of (2, 5).",
        'A window of (1, 3) with "same" needs ((0, 0), (1, 1)); yours is ((1, 1), (0, 0)).',
        "Top and bottom depend on KH, left and right on KW.",
    ),
)
def exchanges_kernel_axes(mode, kernel_size):
    return resolve_padding(mode, kernel_size)[::-1]


@mistake(
    "resolve_padding",
    name="takes the window for a square",
    hints=(
        "Squares hide it. Try a window of (2, 5).",
        'A window of (1, 3) with "same" needs ((0, 0), (1, 1)); yours is ((0, 0), (0, 0)).',
        "Top and bottom depend on KH, left and right on KW.",
    ),
)
def takes_the_window_for_a_square(mode, kernel_size):
    rows, _ = resolve_padding(mode, kernel_size)
    return rows, rows


@mistake(
    "resolve_padding",
    name="returns two numbers where four are asked for",
    hints=(
        "Compare the form of your result with the docstring: how many brackets?",
        'A window of 3 with "same" needs ((1, 1), (1, 1)); yours is (1, 1).',
        "The result is ((top, bottom), (left, right)) for every mode.",
    ),
)
def returns_two_numbers(mode, kernel_size):
    (top, _), (left, _) = resolve_padding(mode, kernel_size)
    return top, left


@mistake(
    "resolve_padding",
    name="takes an unknown mode for one that it knows",
    hints=(
        "Which branch of your code does a mode with a typing error reach?",
        'The mode "reflect" must be refused; yours gets no frame, as "valid" does.',
        "There are three modes, and an error for everything else.",
    ),
)
def accepts_unknown_modes(mode, kernel_size):
    as_pair(kernel_size, "kernel_size")
    known = mode in ("same", "full")
    return resolve_padding(mode if known else "valid", kernel_size)


@mistake(
    "resolve_padding",
    name="returns None for an unknown mode",
    hints=(
        "What does your function return if none of its conditions holds?",
        'The mode "reflect" must raise an error; yours returns None.',
        "There are three modes, and an error for everything else.",
    ),
)
def returns_none_for_unknown_modes(mode, kernel_size):
    as_pair(kernel_size, "kernel_size")
    if mode in ("valid", "same", "full"):
        return resolve_padding(mode, kernel_size)


@mistake(
    "resolve_padding",
    name="refuses an unknown mode without naming it",
    hints=(
        "Someone reads your message at the end of a long run. Does it tell them what they typed?",
        'The message for the mode "reflect" must have reflect in it; yours is "unknown mode".',
        "An error that names the value is half the repair.",
    ),
)
def refuses_modes_without_naming_them(mode, kernel_size):
    as_pair(kernel_size, "kernel_size")
    if mode not in ("valid", "same", "full"):
        raise ValueError("unknown mode")
    return resolve_padding(mode, kernel_size)


@mistake(
    "resolve_padding",
    name="looks an unknown mode up in a dictionary, and ends in a KeyError",
    hints=(
        "Which kind of exception does a mode with a typing error raise?",
        'The mode "reflect" must raise a ValueError that says which modes there are; yours '
        "raises KeyError: 'reflect'.",
        "Bad input is a TypeError or a ValueError, with a text that helps.",
    ),
)
def looks_unknown_modes_up(mode, kernel_size):
    as_pair(kernel_size, "kernel_size")
    known = {name: resolve_padding(name, kernel_size) for name in ("valid", "same", "full")}
    return known[mode]


@mistake(
    "resolve_padding",
    name="returns nothing",
    hints=(
        "What stands in the last line of your function?",
        'A window of 3 with "same" must give ((1, 1), (1, 1)); yours gives None.',
        "A function hands back what stands after `return`; printing is not returning.",
    ),
)
def resolves_without_return(mode, kernel_size):
    resolve_padding(mode, kernel_size)
