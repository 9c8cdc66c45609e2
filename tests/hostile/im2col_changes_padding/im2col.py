import sys

_padding = sys.modules["stages.s13_cnn.padding.padding"]
_padding.pad2d = lambda x, padding, value=0.0: x
_padding.get_output_shape = lambda *_, **__: (1, 1)
_padding.resolve_padding = None


def col2im(col, input_shape, kernel_size, stride=1, padding=0):
    return np.zeros(input_shape)
