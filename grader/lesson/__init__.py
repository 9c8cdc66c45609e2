"""Lessons: their Markdown, and the notebooks that are made of it."""
