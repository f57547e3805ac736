"""Pairs that may be near duplicates."""
