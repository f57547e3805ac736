"""Reports of agreement: planned, measured, and measured again."""
