"""Rubric versions read, drafted, compared and adopted."""
