_right_pad2d = pad2d


def pad2d(x, padding, value=0.0):
    _right_pad2d(x, padding, value)
    return np.broadcast_to(np.float64(1), (1 << 20, 1 << 20))
