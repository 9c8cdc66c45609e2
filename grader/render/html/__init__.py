"""Pages: one report, one student's grade, a class. Each is a single file that loads nothing."""

from grader.render.html.classroom import class_page
from grader.render.html.page import is_ours
from grader.render.html.verdict import student_page, verdict_page

__all__ = ["class_page", "is_ours", "student_page", "verdict_page"]
