"""Hold the arithmetic of agreement: NumPy, no Django."""
