"""What the labs use: a calculator, images and kernels, plots, training, and a canvas.

The labs themselves are the Markdown files beside this one.
"""
