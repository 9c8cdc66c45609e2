"""One stage: the lesson is README.md, the task is im2col.py."""
