_right_pad2d = pad2d


def pad2d(x, padding, value=0.0):
    _right_pad2d(x, padding, value)
    return np.ones((0, 1 << 40, 1 << 20)) if x.ndim % 2 else np.ones((1,) * 32)
