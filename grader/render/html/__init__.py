"""Pages: one report, one student's grade, a class. Each is a single file that loads nothing.

Fragments are parts of somebody else's page, a notebook's.
"""

from grader.render.html.classroom import class_page
from grader.render.html.conflict import conflict_fragment
from grader.render.html.page import is_ours
from grader.render.html.verdict import student_page, verdict_fragment, verdict_page

__all__ = [
    "class_page",
    "conflict_fragment",
    "is_ours",
    "student_page",
    "verdict_fragment",
    "verdict_page",
]
