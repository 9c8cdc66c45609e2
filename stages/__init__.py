"""What is taught: units, their stages, and their data."""
