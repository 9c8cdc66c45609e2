"""What every stage of the tiny unit is given."""

import numpy as np


def require_numbers(x):
    """Refuse anything but an array of numbers."""
    if not isinstance(x, np.ndarray) or x.dtype.kind not in "iuf":
        raise TypeError(f"x must be an array of numbers, not {type(x).__name__}")
