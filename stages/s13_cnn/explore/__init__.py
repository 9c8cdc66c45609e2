"""Interactive pictures for the notebooks: padding, im2col, convolution and pooling.

Write the class as the last line of a cell, ``Convolution()``. Its arguments can be changed
later as attributes, and the sliders change them too. `arithmetic.js` holds the numbers of
the pictures, `picture.js` draws.
"""

from stages.s13_cnn.explore.widgets import Convolution, Im2col, Padding, Pooling

__all__ = ["Convolution", "Im2col", "Padding", "Pooling"]
