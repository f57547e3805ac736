"""Images come in, get tiles, are found by name and join campaigns."""
