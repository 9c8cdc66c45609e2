"""One stage: the lesson is README.md, the task is pooling.py."""
