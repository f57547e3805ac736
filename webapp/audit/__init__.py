"""The room of whoever checks our work, read-only."""
