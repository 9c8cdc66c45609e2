"""Pooling: one number for each window, channel by channel."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape

### BEGIN SOLUTION


def _plan_windows(input_shape, pool_size, stride):
    """Return the window size, the stride and the output size, each as (height, width)."""
    size = as_pair(pool_size, "pool_size")
    step = size if stride is None else as_pair(stride, "stride")
    return size, step, get_output_shape(input_shape[1:3], size, step)


def _slice_offset(x, i, j, step, out_size):
    """Return the pixel (i, j) of every window: a view, shape (N, OH, OW, C)."""
    (SH, SW), (OH, OW) = step, out_size
    return x[:, i : i + OH * SH : SH, j : j + OW * SW : SW]


def _float_dtype(x):
    """Return the dtype of `x` if that is a floating one, and float64 otherwise."""
    return x.dtype if np.issubdtype(x.dtype, np.floating) else np.dtype(np.float64)


### END SOLUTION


def max_pool2d_forward(x, pool_size, stride=None):
    """Take the maximum of each window, and say where it is.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C)
        Images.
    pool_size : int or (int, int)
        Height and width of the window, KH and KW.
    stride : int or (int, int), optional
        Step of the window; None means `pool_size`, so that the windows tile.

    Returns
    -------
    out : ndarray, shape (N, OH, OW, C)
        The maxima, in the dtype of `x`.
    indices : ndarray of int, shape (N, OH, OW, C, 2)
        Row and column in `x` of each maximum. If the maximum occurs more than
        once in a window, the first one in row-major order.

    Raises
    ------
    TypeError, ValueError
        If `x` is not 4-D, or `pool_size` or `stride` is not a size, or the
        window is larger than the image.

    Notes
    -----
    Rows and columns at the bottom and right that do not fill a window are not
    visited. Takes N*OH*OW*C*KH*KW comparisons, and memory for the two results.

    References
    ----------
    Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 9.3.

    Examples
    --------
    >>> x = np.array([[1.0, 3.0, 2.0, 1.0], [5.0, 6.0, 2.0, 4.0]]).reshape(1, 2, 4, 1)
    >>> out, indices = max_pool2d_forward(x, 2)
    >>> out.ravel()
    array([6., 4.])
    >>> indices.reshape(-1, 2).tolist()
    [[1, 1], [1, 3]]
    """
    require_images(x)
    N, H, W, C = x.shape
    ### BEGIN SOLUTION
    (KH, KW), (SH, SW), (OH, OW) = _plan_windows(x.shape, pool_size, stride)

    out = _slice_offset(x, 0, 0, (SH, SW), (OH, OW)).copy()  # (N, OH, OW, C)
    winner = np.zeros(out.shape, dtype=np.intp)  # place inside the window, row by row
    for i in range(KH):
        for j in range(KW):
            rival = _slice_offset(x, i, j, (SH, SW), (OH, OW))
            np.copyto(winner, i * KW + j, where=rival > out)  # strictly: the first one stays
            np.maximum(out, rival, out=out)

    i, j = np.divmod(winner, KW)
    rows = i + SH * np.arange(OH).reshape(OH, 1, 1)
    columns = j + SW * np.arange(OW).reshape(OW, 1)
    return out, np.stack([rows, columns], axis=-1)  # (N, OH, OW, C, 2)
    ### END SOLUTION


def max_pool2d_backward(grad_out, indices, input_shape, pool_size, stride=None):
    """Send the gradient of each maximum to the pixel that it came from.

    Parameters
    ----------
    grad_out : ndarray, shape (N, OH, OW, C)
        Gradient of the loss for the output.
    indices : ndarray of int, shape (N, OH, OW, C, 2)
        What `max_pool2d_forward` returned beside that output.
    input_shape : (int, int, int, int)
        Shape (N, H, W, C) of the images.
    pool_size, stride
        As in the forward pass.

    Returns
    -------
    grad_x : ndarray, shape (N, H, W, C)
        Gradient for the images. A pixel that won in several windows gets the
        sum; a pixel that won in none gets 0.

    Raises
    ------
    ValueError
        If `grad_out` and `indices` do not have the shapes that belong to
        `input_shape`, `pool_size` and `stride`.

    Notes
    -----
    No gradient is lost or made: ``grad_x.sum()`` equals ``grad_out.sum()``.
    Takes N*OH*OW*C additions.

    Examples
    --------
    >>> x = np.array([[1.0, 3.0, 2.0, 1.0], [5.0, 6.0, 2.0, 4.0]]).reshape(1, 2, 4, 1)
    >>> out, indices = max_pool2d_forward(x, 2)
    >>> grad_out = np.array([10.0, 20.0]).reshape(1, 1, 2, 1)
    >>> max_pool2d_backward(grad_out, indices, x.shape, 2).reshape(2, 4)
    array([[ 0.,  0.,  0.,  0.],
           [ 0., 10.,  0., 20.]])
    """
    N, H, W, C = input_shape
    ### BEGIN SOLUTION
    _, _, (OH, OW) = _plan_windows(input_shape, pool_size, stride)
    if grad_out.shape != (N, OH, OW, C) or indices.shape != (N, OH, OW, C, 2):
        raise ValueError(
            f"grad_out must be {(N, OH, OW, C)} and indices {(N, OH, OW, C, 2)}, "
            f"not {grad_out.shape} and {indices.shape}"
        )

    rows, columns = indices[..., 0], indices[..., 1]  # (N, OH, OW, C) each
    images = np.arange(N).reshape(N, 1, 1, 1)
    places = ((images * H + rows) * W + columns) * C + np.arange(C)  # in x.ravel()
    grad_x = np.bincount(places.ravel(), weights=grad_out.ravel(), minlength=N * H * W * C)
    return grad_x.reshape(N, H, W, C).astype(_float_dtype(grad_out), copy=False)
    ### END SOLUTION


def avg_pool2d_forward(x, pool_size, stride=None):
    """Take the mean of each window.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C)
        Images.
    pool_size : int or (int, int)
        Height and width of the window, KH and KW.
    stride : int or (int, int), optional
        Step of the window; None means `pool_size`, so that the windows tile.

    Returns
    -------
    out : ndarray, shape (N, OH, OW, C)
        The means: float32 for float32, float64 for float64 and for integers.

    Raises
    ------
    TypeError, ValueError
        If `x` is not 4-D, or `pool_size` or `stride` is not a size, or the
        window is larger than the image.

    Notes
    -----
    Takes N*OH*OW*C*KH*KW additions, and memory for the result.

    Examples
    --------
    >>> x = np.array([[1.0, 3.0, 2.0, 1.0], [5.0, 6.0, 2.0, 4.0]]).reshape(1, 2, 4, 1)
    >>> avg_pool2d_forward(x, 2).ravel()
    array([3.75, 2.25])
    """
    require_images(x)
    N, H, W, C = x.shape
    ### BEGIN SOLUTION
    (KH, KW), step, (OH, OW) = _plan_windows(x.shape, pool_size, stride)

    out = np.zeros((N, OH, OW, C), dtype=_float_dtype(x))
    for i in range(KH):
        for j in range(KW):
            out += _slice_offset(x, i, j, step, (OH, OW))
    return out / (KH * KW)
    ### END SOLUTION


def avg_pool2d_backward(grad_out, input_shape, pool_size, stride=None):
    """Give each pixel of a window its share of the gradient of the mean.

    Parameters
    ----------
    grad_out : ndarray, shape (N, OH, OW, C)
        Gradient of the loss for the output.
    input_shape : (int, int, int, int)
        Shape (N, H, W, C) of the images.
    pool_size, stride
        As in the forward pass.

    Returns
    -------
    grad_x : ndarray, shape (N, H, W, C)
        Gradient for the images. A pixel in several windows gets the sum of its
        shares; a pixel in none gets 0.

    Raises
    ------
    ValueError
        If `grad_out` does not have the shape that belongs to `input_shape`,
        `pool_size` and `stride`.

    Notes
    -----
    ``grad_x.sum()`` equals ``grad_out.sum()``. Takes N*OH*OW*C*KH*KW additions.

    Examples
    --------
    >>> grad_out = np.array([8.0, 20.0]).reshape(1, 1, 2, 1)
    >>> avg_pool2d_backward(grad_out, (1, 2, 4, 1), 2).reshape(2, 4)
    array([[2., 2., 5., 5.],
           [2., 2., 5., 5.]])
    """
    N, H, W, C = input_shape
    ### BEGIN SOLUTION
    (KH, KW), step, (OH, OW) = _plan_windows(input_shape, pool_size, stride)
    if grad_out.shape != (N, OH, OW, C):
        raise ValueError(f"grad_out must be {(N, OH, OW, C)}, not {grad_out.shape}")

    share = grad_out / (KH * KW)
    grad_x = np.zeros((N, H, W, C), dtype=share.dtype)
    for i in range(KH):
        for j in range(KW):
            pixels = _slice_offset(grad_x, i, j, step, (OH, OW))  # a view: += reaches grad_x
            pixels += share
    return grad_x
    ### END SOLUTION


def global_avg_pool2d_forward(x):
    """Take the mean of each channel of each image.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C)
        Images.

    Returns
    -------
    out : ndarray, shape (N, C)
        The means: float32 for float32, float64 for float64 and for integers.

    Raises
    ------
    TypeError, ValueError
        If `x` is not 4-D.

    References
    ----------
    Lin, Chen, Yan, "Network In Network" (2014).

    Examples
    --------
    >>> global_avg_pool2d_forward(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 4.]])
    """
    require_images(x)
    ### BEGIN SOLUTION
    return x.mean(axis=(1, 2))  # (N, C)
    ### END SOLUTION


def global_avg_pool2d_backward(grad_out, input_shape):
    """Share the gradient of each mean among all pixels of its channel.

    Parameters
    ----------
    grad_out : ndarray, shape (N, C)
        Gradient of the loss for the output.
    input_shape : (int, int, int, int)
        Shape (N, H, W, C) of the images.

    Returns
    -------
    grad_x : ndarray, shape (N, H, W, C)
        Gradient for the images: a new array that may be written to.

    Raises
    ------
    ValueError
        If the shape of `grad_out` is not (N, C).

    Examples
    --------
    >>> grad_x = global_avg_pool2d_backward(np.array([[12.0, 24.0]]), (1, 2, 3, 2))
    >>> grad_x.shape, grad_x[0, 1, 2].tolist()
    ((1, 2, 3, 2), [2.0, 4.0])
    """
    N, H, W, C = input_shape
    ### BEGIN SOLUTION
    if grad_out.shape != (N, C):
        raise ValueError(f"grad_out must be {(N, C)}, not {grad_out.shape}")

    share = (grad_out / (H * W)).reshape(N, 1, 1, C)
    return np.broadcast_to(share, (N, H, W, C)).copy()
    ### END SOLUTION


class MaxPool2D:
    """Max pooling as a layer of a network.

    Parameters
    ----------
    pool_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step of the window; None means `pool_size`.

    Examples
    --------
    >>> layer = MaxPool2D(2)
    >>> layer.forward(np.arange(16.0).reshape(1, 4, 4, 1)).ravel()
    array([ 5.,  7., 13., 15.])
    """

    def __init__(self, pool_size=2, stride=None):
        self.pool_size = pool_size
        self.stride = stride

    def forward(self, x):
        """Pool `x`, and keep what `backward` needs.

        Parameters
        ----------
        x : ndarray, shape (N, H, W, C)

        Returns
        -------
        ndarray, shape (N, OH, OW, C)
        """
        ### BEGIN SOLUTION
        out, self._indices = max_pool2d_forward(x, self.pool_size, self.stride)
        self._input_shape = x.shape
        return out
        ### END SOLUTION

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, OH, OW, C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        ### BEGIN SOLUTION
        return max_pool2d_backward(
            grad_out, self._indices, self._input_shape, self.pool_size, self.stride
        )
        ### END SOLUTION


class AvgPool2D:
    """Average pooling as a layer of a network.

    Parameters
    ----------
    pool_size : int or (int, int)
        Height and width of the window.
    stride : int or (int, int), optional
        Step of the window; None means `pool_size`.

    Examples
    --------
    >>> layer = AvgPool2D(2)
    >>> layer.forward(np.arange(16.0).reshape(1, 4, 4, 1)).ravel()
    array([ 2.5,  4.5, 10.5, 12.5])
    """

    def __init__(self, pool_size=2, stride=None):
        self.pool_size = pool_size
        self.stride = stride

    def forward(self, x):
        """Pool `x`, and keep what `backward` needs.

        Parameters
        ----------
        x : ndarray, shape (N, H, W, C)

        Returns
        -------
        ndarray, shape (N, OH, OW, C)
        """
        ### BEGIN SOLUTION
        self._input_shape = x.shape
        return avg_pool2d_forward(x, self.pool_size, self.stride)
        ### END SOLUTION

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, OH, OW, C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        ### BEGIN SOLUTION
        return avg_pool2d_backward(grad_out, self._input_shape, self.pool_size, self.stride)
        ### END SOLUTION


class GlobalAvgPool2D:
    """Global average pooling as a layer of a network.

    Examples
    --------
    >>> layer = GlobalAvgPool2D()
    >>> layer.forward(np.arange(8.0).reshape(1, 2, 2, 2))
    array([[3., 4.]])
    """

    def forward(self, x):
        """Average `x`, and keep what `backward` needs.

        Parameters
        ----------
        x : ndarray, shape (N, H, W, C)

        Returns
        -------
        ndarray, shape (N, C)
        """
        ### BEGIN SOLUTION
        self._input_shape = x.shape
        return global_avg_pool2d_forward(x)
        ### END SOLUTION

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        ### BEGIN SOLUTION
        return global_avg_pool2d_backward(grad_out, self._input_shape)
        ### END SOLUTION
