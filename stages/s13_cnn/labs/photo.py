"""Images to look at with kernels, and the kernels."""

import numpy as np

KERNELS = {
    "vertical": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "horizontal": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    "Laplacian": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "ridge": [[-1, 2, -1], [-1, 2, -1], [-1, 2, -1]],
    "blur": [[1 / 9] * 3] * 3,
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
}


def kernel(name):
    """Return a kernel as an array.

    Parameters
    ----------
    name : str
        One of `KERNELS`.

    Returns
    -------
    ndarray, shape (3, 3)

    Examples
    --------
    >>> kernel("ridge")[0]
    array([-1.,  2., -1.])
    """
    return np.array(KERNELS[name], dtype=float)


def load_photo():
    """Load a photograph in grey, or draw a scene where there is none.

    Returns
    -------
    image : ndarray, shape (H, W)
        From 0 (black) to 1 (white).
    source : str
        Which of the two it is, and how to get the other.

    Notes
    -----
    The photograph comes with scikit-learn: a temple in China, every second pixel of it.
    """
    try:
        from sklearn.datasets import load_sample_image

        colours = load_sample_image("china.jpg")[::2, ::2]  # (214, 320, 3)
    except ImportError:
        return scene(), (
            "This is a drawn scene. For a photograph, start Jupyter with\n"
            "uv run --extra notebooks --extra photo jupyter lab"
        )
    grey = colours @ np.array([0.299, 0.587, 0.114]) / 255
    return grey, "This is china.jpg, a photograph that comes with scikit-learn."


def scene(height=214, width=320, seed=13):
    """Draw a house under a sky: slopes, edges, lines and something rough.

    Parameters
    ----------
    height, width : int
    seed : int
        Of the grass.

    Returns
    -------
    ndarray, shape (height, width)
        From 0 to 1.

    Examples
    --------
    >>> image = scene(100, 120)
    >>> image.shape, bool(0 <= image.min() and image.max() <= 1)
    ((100, 120), True)
    """
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    image = 0.95 - 0.35 * y
    image[(x - 0.85) ** 2 + (y - 0.15) ** 2 < 0.004] = 1.0
    image[y > 0.3 + 0.25 * np.abs(np.sin(5 * x + 1))] = 0.55
    grass = y > 0.75
    image[grass] = np.random.default_rng(seed).uniform(0.15, 0.45, image.shape)[grass]
    image[(np.abs(x - 0.4) < 0.22) & (y > 0.45) & (y < 0.85)] = 0.8
    image[(np.abs(x - 0.4) < (y - 0.2)) & (y < 0.45)] = 0.25
    for left in (0.24, 0.46):
        image[(np.abs(x - left - 0.05) < 0.05) & (np.abs(y - 0.58) < 0.06)] = 0.1
    image[(np.abs(x - 0.4) < 0.03) & (y > 0.66) & (y < 0.85)] = 0.05
    image[(np.abs(x - 0.78) < 0.004) & (y > 0.25) & (y < 0.8)] = 0.1
    image[(np.abs(y - 0.3 - 0.05 * x) < 0.004) & (x > 0.6)] = 0.1
    return image


def patterns(size=48, seed=13):
    """Return small images of one kind each.

    Parameters
    ----------
    size : int
        Height and width.
    seed : int
        Of the texture.

    Returns
    -------
    dict of str to ndarray, shape (size, size)
        ``"edges"``, ``"texture"``, ``"gradient"`` and ``"checkerboard"``, from 0 to 1.

    Examples
    --------
    >>> images = patterns(8)
    >>> list(images)
    ['edges', 'texture', 'gradient', 'checkerboard']
    >>> images["checkerboard"][0]
    array([0., 0., 0., 0., 1., 1., 1., 1.])
    """
    y, x = np.mgrid[0:size, 0:size]
    edges = np.zeros((size, size))
    edges[size // 4 : -size // 4, size // 4 : -size // 4] = 1
    rough = np.random.default_rng(seed).uniform(size=(size, size))
    texture = np.clip(0.5 + 0.3 * np.sin(1.1 * x + 0.5 * y) + 0.4 * (rough - 0.5), 0, 1)
    return {
        "edges": edges,
        "texture": texture,
        "gradient": x / (size - 1),
        "checkerboard": ((x // 4 + y // 4) % 2).astype(float),
    }
