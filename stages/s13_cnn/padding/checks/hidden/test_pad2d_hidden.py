"""Padding: the frame around an image, on other inputs."""

import numpy as np

from grader.checking import call, criterion, require
from stages.s13_cnn.padding.padding import pad2d


def draw(*shape, seed=0):
    """Random pixels: no zeros, no ones, no two alike."""
    return np.random.default_rng([13, seed]).normal(size=shape)


def becomes(dtype, x, value):
    """Require a frame of `value`, and the dtype of the result, which tells integers apart too."""
    padded = call(pad2d, x, 2, value).agrees().value
    what = f"{x.dtype} pixels in a frame of {value} must become {dtype}, not {padded.dtype}"
    require(padded.dtype == dtype, what)


@criterion("frame")
def test_a_wide_frame_of_a_small_batch():
    """Two images of one pixel each, three channels, a frame of two pixels."""
    x = draw(2, 1, 1, 3)
    framed = np.full((2, 5, 5, 3), 4.5)
    framed[:, 2, 2] = x[:, 0, 0]
    call(pad2d, x, 2, 4.5).gives(framed)


@criterion("frame")
def test_batch_and_channels_do_not_grow():
    """Five images of 3x7 pixels, two channels."""
    padded = call(pad2d, draw(5, 3, 7, 2), 3, value=-0.75).agrees().value
    shape = (5, 9, 13, 2)
    require(padded.shape == shape, f"the shape must be {shape}, not {padded.shape}")


@criterion("frame")
def test_results_of_three_calls():
    """Three calls with images and frames of one size: each result stays as it is."""
    for factor in (2, 3, 5):
        call(pad2d, factor * draw(1, 4, 2, 3).astype(np.float32), (1, 2), 7).agrees()


@criterion("frame")
def test_the_frame_has_the_default_value():
    """Without a value the frame is 0."""
    padded = call(pad2d, draw(3, 2, 4, 5), 1).agrees().value
    require(not padded[:, 0].any(), "the first row must be 0")


@criterion("frame")
def test_a_copy_for_every_way_to_say_zero():
    """0, (0, 0) and ((0, 0), (0, 0)) all give an equal, new array."""
    x = draw(2, 5, 3, 4).astype(np.float32)
    for padding in (0, (0, 0), ((0, 0), (0, 0))):
        call(pad2d, x, padding, value=3).gives(x)


@criterion("frame")
def test_small_dtypes_stay_small():
    """int16 and float32 are kept, also by numbers that come from NumPy."""
    counts = np.arange(-9, 15, dtype=np.int16).reshape(2, 4, 3, 1)
    halves = draw(2, 4, 3, 1).astype(np.float32)
    for x, value in [(counts, np.int64(300)), (counts, -7.0), (halves, -1), (halves, 0.25)]:
        becomes(x.dtype, x, value)


@criterion("frame")
def test_values_that_are_no_numbers_or_have_no_end():
    """nan and infinity are values of float32 too."""
    x = draw(2, 3, 2, 4).astype(np.float32)
    for value in (np.nan, np.inf, -np.inf):
        call(pad2d, x, (0, 1), value).agrees()


@criterion("frame")
def test_images_with_zeros_in_a_frame_of_another_value():
    """Only the place tells the frame from the image."""
    x = np.maximum(draw(3, 4, 2, 5), 0)
    call(pad2d, x, (1, 2), 0.5).agrees()
    call(pad2d, np.zeros((2, 1, 3, 4)), 1, -2).agrees()


@criterion("frame")
def test_images_with_values_of_all_kinds():
    """nan, both infinities, and whole numbers up to the largest of int64."""
    x = draw(2, 3, 1, 4).astype(np.float32)
    x[0, 2, 0, 1:] = np.nan, np.inf, -np.inf
    call(pad2d, x, (1, 2), -0.5).agrees()
    call(pad2d, np.array([[[[2**63 - 1, -(2**62) - 1]]]]), (0, 1), 6).agrees()


@criterion("frame")
def test_arguments_by_name():
    """Both of them, the padding first."""
    call(pad2d, padding=((1, 0), (2, 1)), x=draw(1, 2, 5, 3)).agrees()


@criterion("frame")
def test_fractions_among_whole_numbers():
    """2.75 among integers, 6 among fractions."""
    call(pad2d, np.arange(3, 27).reshape(2, 3, 2, 2), 1, value=2.75).agrees()
    call(pad2d, draw(2, 3, 1, 4), (1, 0), value=6).agrees()


@criterion("frame")
def test_values_that_do_not_fit():
    """300 and -4 among uint8, 1e300 and 2**24 + 1 among float32."""
    pixels = np.array([[[[7], [8]]]], dtype=np.uint8)
    call(pad2d, pixels, (0, 1), 300).gives([[[[300], [7], [8], [300]]]])
    call(pad2d, pixels, (0, 1), -4).gives([[[[-4], [7], [8], [-4]]]])
    call(pad2d, pixels.astype(np.float32), 1, 1e300).agrees()
    call(pad2d, draw(2, 1, 3, 4).astype(np.float32), 1, 2**24 + 1).agrees()


@criterion("frame")
def test_the_common_dtype():
    """-3 and 70000 among uint16, 200 among int8, -2.0 among uint8."""
    counts = np.arange(9, 21).reshape(2, 3, 2, 1)
    for name, value in [("uint16", -3), ("uint16", 70_000), ("int8", 200), ("uint8", -2.0)]:
        common = np.result_type(np.dtype(name), np.asarray(value).dtype)
        becomes(common, counts.astype(name), value)


@criterion("frame")
def test_values_between_two_numbers_of_float32():
    """1/3 and 1e-50 lie between two of its numbers."""
    for value in (1 / 3, 1e-50):
        call(pad2d, draw(2, 1, 3, 4).astype(np.float32), (1, 0), value).agrees()


@criterion("frame")
def test_nan_and_infinity_around_whole_numbers():
    """Pixels of int16 and uint8."""
    for dtype in (np.int16, np.uint8):
        for value in (np.inf, np.nan):
            call(pad2d, np.arange(9, 21, dtype=dtype).reshape(1, 3, 2, 2), (0, 2), value).agrees()


@criterion("sides")
def test_tall_and_wide_frames():
    """(3, 1) and (0, 4) on a 5x4 image, and the other way round."""
    for padding in ((3, 1), (0, 4), (1, 3), (4, 0)):
        call(pad2d, draw(2, 5, 4, 3), padding, 1.5).agrees()


@criterion("sides")
def test_each_side_alone():
    """Three pixels on one side, none on the others."""
    x = draw(3, 4, 5, 2)
    for sides in (((3, 0), (0, 0)), ((0, 3), (0, 0)), ((0, 0), (3, 0)), ((0, 0), (0, 3))):
        call(pad2d, x, sides, -2.5).agrees()


@criterion("sides")
def test_drawn_shapes():
    """Twelve batches and paddings drawn at random, in lists as well as tuples."""
    rng = np.random.default_rng(1313)
    for seed in range(12):
        N, H, W, C = (int(n) for n in rng.permutation([1, 2, 4, 6]))
        sides = rng.permutation(5)[:4].reshape(2, 2).tolist()
        padding = sides if seed % 2 else tuple(map(tuple, sides))
        call(pad2d, draw(N, H, W, C, seed=seed), padding, value=-3.5).agrees()


@criterion("sides")
def test_memory_in_any_order():
    """Slices with steps, transposed axes, Fortran order."""
    x = draw(6, 5, 8, 4)
    call(pad2d, x[1::2, :, 1:7:2], ((0, 2), (1, 0))).agrees()
    call(pad2d, x.transpose(3, 2, 1, 0)[:, ::-1], (0, 3), 2.5).agrees()
    call(pad2d, np.asfortranarray(x.astype(np.float32)), ((1, 0), (2, 3))).agrees()


@criterion("refusals")
def test_paddings_that_are_none():
    """Below 0 on one side only, not whole, too many, nothing at all."""
    x = draw(3, 2, 5, 4)
    for padding in (-2, (0, -1), ((0, 0), (0, -3)), 0.5, (1, 2.5), ((1, 2), (3, 4), (5, 6)), None):
        call(pad2d, x, padding).refused()


@criterion("refusals")
def test_arrays_of_the_wrong_kind():
    """Three axes, five axes, a number, text, complex numbers."""
    for x in (draw(3, 4, 2), draw(1, 2, 3, 4, 2), 2.5, "image", draw(1, 2, 3, 4) * 1j):
        call(pad2d, x, 1).refused()
