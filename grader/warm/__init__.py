"""Warm processes: the checks are collected and the sandbox is up before work arrives."""
