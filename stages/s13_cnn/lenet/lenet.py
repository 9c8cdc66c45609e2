"""LeNet: a network of layers that learns to read digits."""

import numpy as np

from stages.s13_cnn.conv.conv import Conv2D
from stages.s13_cnn.pooling.pooling import MaxPool2D


class ReLU:
    """The rectifier: negative values become 0.

    Examples
    --------
    >>> layer = ReLU()
    >>> layer.forward(np.array([[-2.0, 0.0, 3.0]]))
    array([[0., 0., 3.]])
    >>> layer.backward(np.array([[10.0, 20.0, 30.0]]))
    array([[ 0.,  0., 30.]])
    """

    def forward(self, x):
        """Return `x` with 0 for every negative value.

        Parameters
        ----------
        x : ndarray, any shape

        Returns
        -------
        ndarray, shape and dtype of `x`
        """
        raise NotImplementedError("s13.lenet: ReLU.forward")

    def backward(self, grad_out):
        """Return the gradient for the input of the latest `forward`.

        Where that input was 0 or less, the gradient is 0.

        Parameters
        ----------
        grad_out : ndarray, shape of the input

        Returns
        -------
        ndarray, shape of the input
        """
        raise NotImplementedError("s13.lenet: ReLU.backward")


class Flatten:
    """Each image becomes one row, read in row-major order; both ways give copies, not views.

    Examples
    --------
    >>> layer = Flatten()
    >>> layer.forward(np.arange(8).reshape(2, 2, 2, 1))
    array([[0, 1, 2, 3],
           [4, 5, 6, 7]])
    >>> layer.backward(np.zeros((2, 4))).shape
    (2, 2, 2, 1)
    """

    def forward(self, x):
        """Return the images of `x` as rows.

        Parameters
        ----------
        x : ndarray, shape (N, H, W, C)

        Returns
        -------
        ndarray, shape (N, H*W*C)
        """
        raise NotImplementedError("s13.lenet: Flatten.forward")

    def backward(self, grad_out):
        """Return `grad_out` in the shape of the input of the latest `forward`.

        Parameters
        ----------
        grad_out : ndarray, shape (N, H*W*C)

        Returns
        -------
        ndarray, shape (N, H, W, C)
        """
        raise NotImplementedError("s13.lenet: Flatten.backward")


class Dense:
    """A fully connected layer: ``x @ W + b``.

    Parameters
    ----------
    in_features, out_features : int
        D_in and D_out.
    rng : numpy.random.Generator, optional
        Draws the weights; None means a fresh generator.

    Attributes
    ----------
    W : ndarray of float32, shape (D_in, D_out)
        Normal with mean 0 and standard deviation ``sqrt(2 / D_in)`` (He).
    b : ndarray of float32, shape (D_out,)
        Zeros at first.
    grad_W, grad_b : ndarray or None
        Gradients of the latest `backward`, summed over the batch; None before
        the first.

    References
    ----------
    He, Zhang, Ren, Sun, "Delving Deep into Rectifiers" (2015).

    Examples
    --------
    >>> layer = Dense(2, 3)
    >>> layer.set_params(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), np.zeros(3))
    >>> layer.forward(np.array([[1.0, 1.0]]))
    array([[5., 7., 9.]])
    >>> layer.backward(np.array([[1.0, 0.0, 0.0]]))
    array([[1., 4.]])
    >>> layer.get_gradients()[1]
    array([1., 0., 0.])
    """

    def __init__(self, in_features, out_features, rng=None):
        rng = np.random.default_rng() if rng is None else rng
        self.grad_W = None
        self.grad_b = None
        raise NotImplementedError("s13.lenet: Dense.__init__")

    def forward(self, x):
        """Return ``x @ W + b``.

        Parameters
        ----------
        x : ndarray, shape (N, D_in)

        Returns
        -------
        ndarray, shape (N, D_out)
            float32 if `x` and the parameters are.

        Raises
        ------
        ValueError
            If `x` is not 2-D, or does not have D_in columns.
        """
        if x.ndim != 2 or x.shape[1] != len(self.W):
            raise ValueError(f"x must have shape (N, {len(self.W)}), not {x.shape}")
        raise NotImplementedError("s13.lenet: Dense.forward")

    def backward(self, grad_out):
        """Store the gradients for `W` and `b`, and return the one for the input.

        Parameters
        ----------
        grad_out : ndarray, shape (N, D_out)
            Gradient for the output of the latest `forward`.

        Returns
        -------
        ndarray, shape (N, D_in)

        Notes
        -----
        The gradients for `W` and `b` are sums over the batch, and replace
        those of the call before. The division by N belongs to the loss.
        """
        raise NotImplementedError("s13.lenet: Dense.backward")

    def get_params(self):
        """Return ``(W, b)``."""
        return self.W, self.b

    def set_params(self, W, b):
        """Replace the parameters by copies of `W` and `b`.

        Parameters
        ----------
        W : ndarray, shape (D_in, D_out)
        b : ndarray, shape (D_out,)

        Raises
        ------
        ValueError
            If a shape is not that of the parameter it replaces.
        """
        if W.shape != self.W.shape or b.shape != self.b.shape:
            raise ValueError(
                f"W must be {self.W.shape} and b {self.b.shape}, not {W.shape} and {b.shape}"
            )
        self.W = W.copy()
        self.b = b.copy()

    def get_gradients(self):
        """Return ``(grad_W, grad_b)`` of the latest `backward`."""
        return self.grad_W, self.grad_b


def softmax_cross_entropy(logits, labels):
    """Measure how wrong the logits are, and in which direction.

    Parameters
    ----------
    logits : ndarray, shape (N, K)
        One row an image, one column a class; not yet probabilities.
    labels : ndarray of int, shape (N,)
        The right class of each image, 0 to K-1.

    Returns
    -------
    loss : float
        Mean over the batch of ``-log(softmax(logits)[label])``.
    grad_logits : ndarray, shape (N, K)
        Gradient of that mean for the logits: float32 for float32, float64 for
        float64 and for integers.

    Raises
    ------
    TypeError
        If the labels are not integers.
    ValueError
        If the shapes do not fit, or a label is not one of the classes.

    Notes
    -----
    Right for logits of any finite size: neither overflow nor log(0).

    References
    ----------
    Goodfellow, Bengio, Courville, "Deep Learning" (2016), section 6.2.2.3.

    Examples
    --------
    >>> loss, grad_logits = softmax_cross_entropy(np.zeros((1, 10)), np.array([3]))
    >>> round(loss, 3)
    2.303
    >>> grad_logits.round(1)
    array([[ 0.1,  0.1,  0.1, -0.9,  0.1,  0.1,  0.1,  0.1,  0.1,  0.1]])
    """
    N, K = logits.shape
    if not isinstance(labels, np.ndarray) or labels.dtype.kind not in "iu":
        raise TypeError(f"labels must be an array of integers, not {labels!r}")
    if labels.shape != (N,):
        raise ValueError(f"{N} rows of logits need labels of shape ({N},), not {labels.shape}")
    if labels.min() < 0 or labels.max() >= K:
        raise ValueError(f"labels must be 0 to {K - 1}, not {labels.min()} to {labels.max()}")
    raise NotImplementedError("s13.lenet: softmax_cross_entropy")


def build_lenet(num_classes=10, rng=None):
    """Make the layers of LeNet, with random weights.

    Parameters
    ----------
    num_classes : int
        Number of logits.
    rng : numpy.random.Generator, optional
        Draws the weights of every layer; None means a fresh generator.

    Returns
    -------
    list of layers
        For images of shape (N, 32, 32, 1).

    Notes
    -----
    Convolution 1 -> 6, 5x5; ReLU; max pooling 2; convolution 6 -> 16, 5x5;
    ReLU; max pooling 2; flatten; dense 120; ReLU; dense 84; ReLU; dense
    `num_classes`. For ten classes these are 61,706 parameters.

    References
    ----------
    LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document
    recognition" (1998). Theirs had sigmoids, averages and Gaussian outputs.

    Examples
    --------
    >>> layers = build_lenet(rng=np.random.default_rng(0))
    >>> forward_cnn(layers, np.zeros((2, 32, 32, 1))).shape
    (2, 10)
    """
    rng = np.random.default_rng() if rng is None else rng
    raise NotImplementedError("s13.lenet: build_lenet")


def forward_cnn(layers, x):
    """Send `x` through all layers, from the first to the last.

    Parameters
    ----------
    layers : list of layers
    x : ndarray
        Input of the first layer.

    Returns
    -------
    ndarray
        Output of the last layer.

    Examples
    --------
    >>> forward_cnn([Flatten(), ReLU()], np.array([[[[-1.0], [2.0]]]]))
    array([[0., 2.]])
    """
    raise NotImplementedError("s13.lenet: forward_cnn")


def backward_cnn(layers, grad_out):
    """Send a gradient back through all layers, after `forward_cnn`.

    Parameters
    ----------
    layers : list of layers
    grad_out : ndarray
        Gradient of the loss for the output of the last layer.

    Returns
    -------
    ndarray
        Gradient for the input of the first layer. Every layer with parameters
        has its own gradients by then.

    Examples
    --------
    >>> layers = [Flatten(), ReLU()]
    >>> out = forward_cnn(layers, np.array([[[[-1.0], [2.0]]]]))
    >>> backward_cnn(layers, np.array([[10.0, 20.0]])).tolist()
    [[[[0.0], [20.0]]]]
    """
    raise NotImplementedError("s13.lenet: backward_cnn")


def sgd_step(layers, lr):
    """Move all parameters one step against their gradients.

    Each parameter p of each layer that has parameters becomes
    ``p - lr * grad_p``.

    Parameters
    ----------
    layers : list of layers
        After `backward_cnn`.
    lr : float
        The learning rate.

    Returns
    -------
    None

    Examples
    --------
    >>> layer = Dense(1, 1)
    >>> layer.set_params(np.array([[5.0]]), np.array([1.0]))
    >>> out = layer.forward(np.array([[2.0]]))
    >>> grad_x = layer.backward(np.array([[1.0]]))
    >>> sgd_step([layer], lr=0.5)
    >>> layer.get_params()
    (array([[4.]]), array([0.5]))
    """
    raise NotImplementedError("s13.lenet: sgd_step")


def train(layers, x, labels, *, epochs, batch_size, lr, rng, on_batch=None):
    """Train a network by gradient descent on small batches.

    Parameters
    ----------
    layers : list of layers
        Changed in place.
    x : ndarray, shape (N, ...)
        Images, as the first layer takes them.
    labels : ndarray of int, shape (N,)
        The right class of each image.
    epochs : int
        How often every image is used.
    batch_size : int
        Images for one step. Where N is not a multiple of it, the last batch of
        an epoch is smaller; no image is left out.
    lr : float
        The learning rate.
    rng : numpy.random.Generator
        Shuffles the images, together with their labels, anew for each epoch.
    on_batch : callable, optional
        Called as ``on_batch(step, steps, loss)`` after each step: `step` counts
        from 1 to `steps` through all epochs, `steps` is their number in all
        epochs together, `loss` is that of the batch before it was learnt from.

    Returns
    -------
    history : list of dict
        One for each epoch: ``{"epoch": 1, "loss": 0.7, "accuracy": 0.8}``.
        Epochs count from 1. Loss and accuracy are means over all images of the
        epoch, each as its batch came out before it was learnt from.

    Raises
    ------
    ValueError
        If `x` and `labels` differ in length, or `epochs` or `batch_size` is
        less than 1.

    Notes
    -----
    The mean over the images is not the mean over the batches: the last batch
    may be smaller, and counts for less.

    Examples
    --------
    >>> x = np.array([[-1.0], [1.0]])
    >>> layers = [Dense(1, 2, rng=np.random.default_rng(0))]
    >>> history = train(layers, x, np.array([0, 1]), epochs=3, batch_size=2, lr=1.0,
    ...                 rng=np.random.default_rng(0))
    >>> [entry["epoch"] for entry in history]
    [1, 2, 3]
    >>> predict(layers, x)
    array([0, 1])
    """
    N = len(x)
    if labels.shape != (N,):
        raise ValueError(f"{N} images need labels of shape ({N},), not {labels.shape}")
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"epochs ({epochs}) and batch_size ({batch_size}) must be at least 1")
    raise NotImplementedError("s13.lenet: train")


def predict(layers, x, batch_size=256):
    """Say for each image which class has the largest logit.

    Parameters
    ----------
    layers : list of layers
    x : ndarray, shape (N, ...)
        Images, as the first layer takes them.
    batch_size : int
        Images that go through the network at once; bounds the memory.

    Returns
    -------
    ndarray of int, shape (N,)

    Examples
    --------
    >>> predict([Flatten()], np.array([[[[0.2], [0.7]]], [[[0.9], [0.1]]]]))
    array([1, 0])
    """
    raise NotImplementedError("s13.lenet: predict")
