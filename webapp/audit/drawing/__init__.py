"""Lay out plots in plain Python; templates draw them as SVG, the same bytes for the same figures."""
