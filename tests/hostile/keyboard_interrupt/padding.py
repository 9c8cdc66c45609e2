def resolve_padding(mode, kernel_size):
    raise KeyboardInterrupt
