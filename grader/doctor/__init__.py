"""Is all well here? What is not, is named with what to do about it."""

from grader.doctor.examination import examine

__all__ = ["examine"]
