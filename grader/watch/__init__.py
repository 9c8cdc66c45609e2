"""Watching a student's files: a save, and the verdict is there."""
