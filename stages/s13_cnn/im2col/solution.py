"""im2col and col2im: from image windows to the rows of a matrix, and back."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, as_sides, require_images
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def im2col(x, kernel_size, stride=1, padding=0):
    """Copy every window of a batch of images into one row of a matrix.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C)
        A batch of images. It is not modified.
    kernel_size : int or (int, int)
        Height and width of the window, KH and KW.
    stride : int or (int, int), default 1
        Steps between neighbouring windows, down and to the right.
    padding : int, (int, int) or ((int, int), (int, int)), default 0
        Frame of zeros laid around each image first, as in `pad2d`.

    Returns
    -------
    col : ndarray, shape (N*OH*OW, KH*KW*C)
        Row ``(n*OH + oh)*OW + ow`` is the window of image ``n`` at output position
        ``(oh, ow)``; its values stand in (KH, KW, C) order, that of the weights in a filter.
        A new array at each call, of the same dtype as `x`.

    Raises
    ------
    TypeError, ValueError
        If `x` is not a 4-D array, if a size is not an integer or is too small, or if the
        kernel does not fit the padded images.

    Notes
    -----
    Neighbouring windows overlap, so pixels are stored several times: the matrix takes about
    ``KH*KW / (stride_h*stride_w)`` times the memory of `x`. In exchange a convolution becomes
    one matrix product, which computers do very well.

    References
    ----------
    K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural Networks for
    Document Processing", IWFHR 2006.

    Examples
    --------
    >>> x = np.arange(1, 10).reshape(1, 3, 3, 1)
    >>> im2col(x, kernel_size=2)
    array([[1, 2, 4, 5],
           [2, 3, 5, 6],
           [4, 5, 7, 8],
           [5, 6, 8, 9]])
    """
    require_images(x)
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    N, H, W, C = x.shape

    ### BEGIN SOLUTION
    OH, OW = get_output_shape((H, W), (KH, KW), (SH, SW), padding)
    padded = pad2d(x, padding)
    # Memory order (KH, KW, C, N, OH, OW): each of the KH*KW copies below fills one whole block,
    # and the matrix asked for is the transpose, which is a view and costs nothing.
    planes = np.ascontiguousarray(padded.transpose(3, 0, 1, 2))  # (C, N, H_padded, W_padded)
    windows = np.empty((KH, KW, C, N, OH, OW), dtype=x.dtype)
    for i in range(KH):
        for j in range(KW):
            windows[i, j] = planes[:, :, i : i + SH * OH : SH, j : j + SW * OW : SW]
    return windows.reshape(KH * KW * C, N * OH * OW).T  # (N*OH*OW, KH*KW*C)
    ### END SOLUTION


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    """Add every row of a matrix back into the images, where `im2col` would have read it.

    This is the adjoint of `im2col`, not its inverse: a pixel that lies in several windows
    receives the sum of its copies. That is how gradients travel back through `im2col`.

    Parameters
    ----------
    col : ndarray, shape (N*OH*OW, KH*KW*C)
        One row for each window, laid out as `im2col` returns it. It is not modified.
    input_shape : (int, int, int, int)
        (N, H, W, C) of the images that `im2col` was given, without the frame.
    kernel_size, stride, padding
        The same values that `im2col` was given.

    Returns
    -------
    x : ndarray, shape (N, H, W, C)
        The sums, in a new array. What would fall on the frame is dropped; a pixel that no window
        visits is 0.
        float32 and float64 keep their dtype; integers give float64.

    Raises
    ------
    TypeError, ValueError
        If a size is not an integer or is too small, if the kernel does not fit the padded
        images, or if `col` does not have one row for each window.

    Notes
    -----
    Needs one more batch of padded images in memory, and KH*KW additions for each.

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    The centre of a 3x3 image lies in all four 2x2 windows, a corner in only one:

    >>> ones = np.ones((4, 4))
    >>> col2im(ones, input_shape=(1, 3, 3, 1), kernel_size=2)[0, :, :, 0]
    array([[1., 2., 1.],
           [2., 4., 2.],
           [1., 2., 1.]])
    """
    if not isinstance(col, np.ndarray):
        raise TypeError(f"col must be an array, not {type(col).__name__}")
    KH, KW = as_pair(kernel_size, "kernel_size")
    SH, SW = as_pair(stride, "stride")
    (top, bottom), (left, right) = as_sides(padding)
    N, H, W, C = input_shape

    ### BEGIN SOLUTION
    OH, OW = get_output_shape((H, W), (KH, KW), (SH, SW), padding)
    if col.shape != (N * OH * OW, KH * KW * C):
        raise ValueError(
            f"col has shape {col.shape}, but images of shape {tuple(input_shape)} have "
            f"{N * OH * OW} windows of {KH * KW * C} values"
        )
    dtype = col.dtype if np.issubdtype(col.dtype, np.floating) else np.float64
    windows = col.T.reshape(KH, KW, C, N, OH, OW)
    planes = np.zeros((C, N, H + top + bottom, W + left + right), dtype=dtype)
    for i in range(KH):
        for j in range(KW):
            planes[:, :, i : i + SH * OH : SH, j : j + SW * OW : SW] += windows[i, j]
    inside = planes[:, :, top : top + H, left : left + W]
    return np.ascontiguousarray(inside.transpose(1, 2, 3, 0))  # (N, H, W, C)
    ### END SOLUTION
