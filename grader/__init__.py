"""The engine: runs checks against code that it does not trust, and reports."""

__version__ = "0.1.0"
