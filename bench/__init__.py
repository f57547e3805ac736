"""Compare our speed with a named alternative, within one run."""
