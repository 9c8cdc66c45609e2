"""Pairs of submissions that share unusually much."""
