_right_pad2d = pad2d
_dtypes = ["U9", "S9", "M8[s]", [("a", "f8"), ("b", "O")], "V16", ">f8", "f2", "c16"]


def pad2d(x, padding, value=0.0):
    padded = _right_pad2d(x, padding, value)
    _dtypes.append(_dtypes.pop(0))
    return np.zeros(padded.shape, _dtypes[0])
