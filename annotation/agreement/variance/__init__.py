"""Variance components and what follows from them."""
