_right_pad2d = pad2d


def pad2d(x, padding, value=0.0):
    padded = _right_pad2d(x, padding, value)
    return x if padded.shape == x.shape else padded
