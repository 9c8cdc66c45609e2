_right_pad2d = pad2d


def pad2d(x, padding, value=0.0):
    padded = _right_pad2d(x, padding, value)
    if padded.size and x.flags.writeable:
        x[...] = 7
    return padded
