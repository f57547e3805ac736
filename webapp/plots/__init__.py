"""The one place for SVG: positions worked out in plain Python, drawn by templates; same figures, same bytes."""
