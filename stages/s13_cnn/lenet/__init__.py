"""One stage: the lesson is README.md, the task is lenet.py."""
