"""Annotations collected elsewhere come in, marked as imported."""
