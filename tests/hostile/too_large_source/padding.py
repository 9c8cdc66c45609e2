# The test adds comment lines until the size is reached.
