"""Mutants that live, and why nobody minds: each differs from the solution within the contract."""

# By stage, and by the key of the mutant.
KNOWN_SURVIVORS: dict[str, dict[str, str]] = {}
