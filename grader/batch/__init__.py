"""Grading a class: submissions in, one result a student out."""
