"""Convolution: the definition in loops, the fast way through im2col, and a layer that learns."""

import numpy as np

from stages.s13_cnn.arguments import as_pair, require_images
from stages.s13_cnn.im2col.im2col import col2im, im2col
from stages.s13_cnn.padding.padding import get_output_shape, pad2d


def _require_filters(x, W, b):
    """Refuse images, filters and biases that do not belong together."""
    require_images(x)
    require_images(W, "W")
    if not isinstance(b, np.ndarray):
        raise TypeError(f"b must be an array, not {type(b).__name__}")
    if x.shape[3] != W.shape[2]:
        raise ValueError(f"x has {x.shape[3]} channels, but the filters in W have {W.shape[2]}")
    if b.shape != W.shape[3:]:
        raise ValueError(f"b has shape {b.shape}, but W holds {W.shape[3]} filters")


def _as_floats(x):
    """Return `x` itself if it holds floating-point numbers, and as float64 otherwise."""
    return x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)


def conv2d_naive(x, W, b, stride=1, padding=0):
    """Convolve images with filters in plain loops: the definition, slow and easy to believe.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C_in)
        A batch of images. It is not modified.
    W : ndarray, shape (KH, KW, C_in, C_out)
        The filters; filter ``f`` is ``W[..., f]`` and sees all channels.
    b : ndarray, shape (C_out,)
        One bias for each filter.
    stride : int or (int, int), default 1
        Steps between neighbouring windows, down and to the right.
    padding : int, (int, int) or ((int, int), (int, int)), default 0
        Frame of zeros laid around each image first, as in `pad2d`.

    Returns
    -------
    out : ndarray, shape (N, OH, OW, C_out)
        float32 if `x` and the parameters are float32, float64 for float64 and integers.

    Raises
    ------
    TypeError, ValueError
        If the channels of `x` and `W` differ, if `b` has the wrong length, if a size is not
        an integer or is too small, or if the kernel does not fit the padded images.

    Notes
    -----
    One loop each over images, output rows, output columns and filters: N*OH*OW*C_out windows,
    each of which costs KH*KW*C_in multiplications. The filter is not rotated (this is the
    cross-correlation that every framework calls convolution).

    References
    ----------
    V. Dumoulin, F. Visin, "A guide to convolution arithmetic for deep learning", 2016.

    Examples
    --------
    >>> x = np.array([[1, 2, 3, 0], [0, 1, 2, 3], [3, 0, 1, 2], [2, 3, 0, 1]])
    >>> W = np.array([[1, 0], [-1, 1]])
    >>> out = conv2d_naive(x.reshape(1, 4, 4, 1), W.reshape(2, 2, 1, 1), np.zeros(1))
    >>> out[0, :, :, 0]
    array([[ 2.,  3.,  4.],
           [-3.,  2.,  3.],
           [ 4., -3.,  2.]])
    """
    _require_filters(x, W, b)
    N, height, width, _ = x.shape
    KH, KW, _, C_out = W.shape
    SH, SW = as_pair(stride, "stride")

    ### BEGIN SOLUTION
    OH, OW = get_output_shape((height, width), (KH, KW), (SH, SW), padding)
    padded = _as_floats(pad2d(x, padding))
    out = np.empty((N, OH, OW, C_out), dtype=np.result_type(padded, W))
    for n in range(N):
        for oh in range(OH):
            for ow in range(OW):
                top, left = oh * SH, ow * SW
                window = padded[n, top : top + KH, left : left + KW]  # (KH, KW, C_in)
                for f in range(C_out):
                    out[n, oh, ow, f] = np.sum(window * W[..., f]) + b[f]
    return out
    ### END SOLUTION


def conv2d_forward(x, W, b, stride=1, padding=0):
    """Convolve images with filters as one matrix product.

    Parameters
    ----------
    x : ndarray, shape (N, H, W, C_in)
        A batch of images. It is not modified.
    W : ndarray, shape (KH, KW, C_in, C_out)
        The filters.
    b : ndarray, shape (C_out,)
        One bias for each filter.
    stride : int or (int, int), default 1
        Steps between neighbouring windows, down and to the right.
    padding : int, (int, int) or ((int, int), (int, int)), default 0
        Frame of zeros laid around each image first, as in `pad2d`.

    Returns
    -------
    out : ndarray, shape (N, OH, OW, C_out)
        The same numbers as `conv2d_naive`, from integers as well.
    col : ndarray, shape (N*OH*OW, KH*KW*C_in)
        The windows as `im2col` lays them out, one a row: `conv2d_backward` needs them.

    Raises
    ------
    TypeError, ValueError
        As `conv2d_naive`.

    Notes
    -----
    No loop over images, positions, channels or filters. The price is the memory of `col`,
    about KH*KW / (stride_h*stride_w) times that of `x`.

    References
    ----------
    K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural Networks for
    Document Processing", IWFHR 2006.

    Examples
    --------
    >>> x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    >>> W = np.ones((2, 2, 1, 1))
    >>> out, col = conv2d_forward(x, W, b=np.array([100.0]))
    >>> out[0, :, :, 0]
    array([[112., 116.],
           [124., 128.]])
    >>> col.shape
    (4, 4)
    """
    _require_filters(x, W, b)
    N, height, width, _ = x.shape
    KH, KW, C_in, C_out = W.shape

    ### BEGIN SOLUTION
    OH, OW = get_output_shape((height, width), (KH, KW), stride, padding)
    col = im2col(_as_floats(x), (KH, KW), stride, padding)  # (N*OH*OW, KH*KW*C_in)
    out = col @ W.reshape(KH * KW * C_in, C_out)  # (N*OH*OW, C_out)
    out += b
    return out.reshape(N, OH, OW, C_out), col
    ### END SOLUTION


def conv2d_backward(grad_out, col, x_shape, W, stride=1, padding=0):
    """Carry the gradient of a loss from the output of a convolution back to its inputs.

    Parameters
    ----------
    grad_out : ndarray, shape (N, OH, OW, C_out)
        Gradient of the loss for each output value. It is not modified.
    col : ndarray, shape (N*OH*OW, KH*KW*C_in)
        The windows that `conv2d_forward` returned.
    x_shape : (int, int, int, int)
        (N, H, W, C_in) of the images that `conv2d_forward` was given.
    W : ndarray, shape (KH, KW, C_in, C_out)
        The filters that `conv2d_forward` was given.
    stride, padding
        The same values that `conv2d_forward` was given.

    Returns
    -------
    grad_x : ndarray, shape (N, H, W, C_in)
        Gradient for the images, without the frame.
    grad_W : ndarray, shape (KH, KW, C_in, C_out)
        Gradient for the filters, summed over the batch.
    grad_b : ndarray, shape (C_out,)
        Gradient for the biases, summed over the batch.

    Raises
    ------
    TypeError, ValueError
        If `grad_out` does not have four axes, or not one value for each window and each filter.

    Notes
    -----
    The loss has divided by N already, so nothing is divided here. float32 stays float32; where
    `grad_out` or `W` holds integers, nothing is rounded. Two matrix products, each as long as
    the one of the forward pass; the gradient for `col` takes as much memory as `col`.

    References
    ----------
    I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning", MIT Press 2016, section 9.5.

    Examples
    --------
    One output has the gradient 1, the others 0: `grad_x` shows the filter itself at that window.

    >>> x = np.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    >>> W = np.array([[1.0, 2.0], [3.0, 4.0]]).reshape(2, 2, 1, 1)
    >>> out, col = conv2d_forward(x, W, np.zeros(1))
    >>> grad_out = np.zeros((1, 2, 2, 1))
    >>> grad_out[0, 1, 0, 0] = 1
    >>> grad_x, grad_W, grad_b = conv2d_backward(grad_out, col, x.shape, W)
    >>> grad_x[0, :, :, 0]
    array([[0., 0., 0.],
           [1., 2., 0.],
           [3., 4., 0.]])
    >>> grad_W[:, :, 0, 0]
    array([[4., 5.],
           [7., 8.]])
    """
    require_images(grad_out, "grad_out")
    require_images(W, "W")
    KH, KW, C_in, C_out = W.shape
    if grad_out.shape[3] != C_out:
        raise ValueError(f"grad_out has {grad_out.shape[3]} channels for {C_out} filters")
    if len(col) != grad_out[..., 0].size:
        raise ValueError(f"grad_out has shape {grad_out.shape}, but col holds {len(col)} windows")

    ### BEGIN SOLUTION
    grad_rows = _as_floats(grad_out).reshape(-1, C_out)  # (N*OH*OW, C_out)
    grad_b = grad_rows.sum(axis=0)
    grad_W = (col.T @ grad_rows).reshape(W.shape)
    # grad_rows @ W_rows.T, computed transposed: the memory order that col2im reads best.
    W_rows = W.reshape(KH * KW * C_in, C_out)
    grad_col = (W_rows @ grad_rows.T).T  # (N*OH*OW, KH*KW*C_in)
    grad_x = col2im(grad_col, x_shape, (KH, KW), stride, padding)
    return grad_x, grad_W, grad_b
    ### END SOLUTION


class Conv2D:
    """A convolution layer: filters and biases that can be learned.

    Parameters
    ----------
    in_channels, out_channels : int
        C_in and C_out.
    kernel_size : int or (int, int)
        KH and KW.
    stride : int or (int, int), default 1
    padding : int, (int, int) or ((int, int), (int, int)), default 0
    rng : numpy.random.Generator, optional
        Draws the weights; None means a fresh generator for each layer.

    Attributes
    ----------
    W : ndarray of float32, shape (KH, KW, C_in, C_out)
        Normal with mean 0 and standard deviation ``sqrt(2 / (KH*KW*C_in))`` (He).
    b : ndarray of float32, shape (C_out,)
        Zeros at first.
    grad_W, grad_b : ndarray or None
        Gradients of the latest `backward`, summed over the batch; None before the first.

    References
    ----------
    K. He, X. Zhang, S. Ren, J. Sun, "Delving Deep into Rectifiers", ICCV 2015.

    Examples
    --------
    >>> layer = Conv2D(1, 6, kernel_size=5, rng=np.random.default_rng(13))
    >>> layer.W.shape, layer.b.shape
    ((5, 5, 1, 6), (6,))
    >>> out = layer.forward(np.ones((2, 32, 32, 1)))
    >>> out.shape
    (2, 28, 28, 6)
    >>> layer.backward(np.ones((2, 28, 28, 6))).shape
    (2, 32, 32, 1)
    >>> layer.grad_b  # 2 images with 28*28 positions each
    array([1568., 1568., 1568., 1568., 1568., 1568.])
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        KH, KW = as_pair(kernel_size, "kernel_size")
        self.stride = stride
        self.padding = padding
        self.grad_W = None
        self.grad_b = None

        ### BEGIN SOLUTION
        std = np.sqrt(2 / (KH * KW * in_channels))
        weights = rng.normal(0, std, (KH, KW, in_channels, out_channels))
        self.W = weights.astype(np.float32)
        self.b = np.zeros(out_channels, dtype=np.float32)
        self._cache = None
        ### END SOLUTION

    def forward(self, x):
        """Convolve `x` with the layer's filters, and keep what `backward` will need.

        Parameters
        ----------
        x : ndarray, shape (N, H, W, C_in)
            A batch of images. It is not modified.

        Returns
        -------
        ndarray, shape (N, OH, OW, C_out)
            float32 for float32 images.

        Raises
        ------
        TypeError, ValueError
            As `conv2d_forward`.

        Notes
        -----
        As fast as `conv2d_forward`: no loop over images or positions.
        """
        ### BEGIN SOLUTION
        out, col = conv2d_forward(x, self.W, self.b, self.stride, self.padding)
        self._cache = col, x.shape
        return out
        ### END SOLUTION

    def backward(self, grad_out):
        """Store the gradients for `W` and `b`, and return the one for the input.

        Parameters
        ----------
        grad_out : ndarray, shape (N, OH, OW, C_out)
            Gradient for the output of the latest `forward`.

        Returns
        -------
        ndarray, shape (N, H, W, C_in)

        Raises
        ------
        RuntimeError
            If there was no `forward` before.

        Notes
        -----
        `grad_W` and `grad_b` are replaced, not added to, by each call: whoever wants to
        accumulate gradients does it outside.
        """
        ### BEGIN SOLUTION
        if self._cache is None:
            raise RuntimeError("backward needs a forward before it")
        col, x_shape = self._cache
        grad_x, self.grad_W, self.grad_b = conv2d_backward(
            grad_out, col, x_shape, self.W, self.stride, self.padding
        )
        return grad_x
        ### END SOLUTION

    def get_params(self):
        """Return ``(W, b)``."""
        ### BEGIN SOLUTION
        return self.W, self.b
        ### END SOLUTION

    def set_params(self, W, b):
        """Replace the parameters by copies of `W` and `b`.

        Parameters
        ----------
        W : ndarray, shape (KH, KW, C_in, C_out)
        b : ndarray, shape (C_out,)

        Raises
        ------
        ValueError
            If a shape is not that of the parameter it replaces.
        """
        ### BEGIN SOLUTION
        if W.shape != self.W.shape or b.shape != self.b.shape:
            raise ValueError(
                f"W must be {self.W.shape} and b {self.b.shape}, not {W.shape} and {b.shape}"
            )
        self.W = _as_floats(W).copy()
        self.b = _as_floats(b).copy()
        ### END SOLUTION

    def get_gradients(self):
        """Return ``(grad_W, grad_b)`` of the latest `backward`."""
        ### BEGIN SOLUTION
        return self.grad_W, self.grad_b
        ### END SOLUTION
