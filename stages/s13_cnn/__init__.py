"""Convolutional networks in NumPy alone."""
