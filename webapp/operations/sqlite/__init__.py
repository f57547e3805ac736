"""SQLite by Django, with a queue for writers: within one process whoever came first writes first."""
