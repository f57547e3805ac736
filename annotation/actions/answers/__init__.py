"""Annotations are stored: the first, what the reveal changed, and corrections."""
