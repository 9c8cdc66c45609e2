"""Pooling: one number for each window, channel by channel."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.padding.padding import get_output_shape


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
    raise NotImplementedError("s13.pooling: max_pool2d_forward")


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
    raise NotImplementedError("s13.pooling: max_pool2d_backward")


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
    raise NotImplementedError("s13.pooling: avg_pool2d_forward")


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
    raise NotImplementedError("s13.pooling: avg_pool2d_backward")


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
    raise NotImplementedError("s13.pooling: global_avg_pool2d_forward")


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
    raise NotImplementedError("s13.pooling: global_avg_pool2d_backward")


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
        raise NotImplementedError("s13.pooling: MaxPool2D.forward")

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, OH, OW, C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        raise NotImplementedError("s13.pooling: MaxPool2D.backward")


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
        raise NotImplementedError("s13.pooling: AvgPool2D.forward")

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, OH, OW, C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        raise NotImplementedError("s13.pooling: AvgPool2D.backward")


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
        raise NotImplementedError("s13.pooling: GlobalAvgPool2D.forward")

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        raise NotImplementedError("s13.pooling: GlobalAvgPool2D.backward")
