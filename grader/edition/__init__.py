"""Editions: what students get, what stays sealed, and how it is released."""
