"""How the course's pictures are drawn: one set of colours, one kind of canvas.

The code in ``<stage>/pictures/draw.py`` says what a picture shows; ``grader build`` writes
it beside that file. Students do not need any of it.
"""

from stages.drawing.canvas import Box, Canvas, Grid, shown
from stages.drawing.colours import COLOURS

__all__ = ["COLOURS", "Box", "Canvas", "Grid", "shown"]
