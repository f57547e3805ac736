"""One image with all that was said of it."""
