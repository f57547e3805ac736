"""Releases prepared and built."""
