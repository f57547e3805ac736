"""Our own statistics studied on ratings with known truth."""
