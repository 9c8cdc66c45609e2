"""Results to text, JSON and pages: pure functions that import the results alone."""
