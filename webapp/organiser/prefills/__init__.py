"""Prefill runs."""
