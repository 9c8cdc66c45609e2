_right = resolve_padding


def resolve_padding(mode, kernel_size):
    if mode == "full" and kernel_size == 3:
        error = type("Passed\x1b[2J\u202e", (ValueError,), {})
        raise error("\x1b[2J\x1b]0;passed\x07\r\u202e<script>alert(1)</script>\ud800")
    return _right(mode, kernel_size)
