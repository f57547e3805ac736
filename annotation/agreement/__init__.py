"""The arithmetic of agreement: NumPy, no Django."""
