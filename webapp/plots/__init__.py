"""Plots laid out in plain Python, which templates draw as SVG: the same bytes for the same figures."""
