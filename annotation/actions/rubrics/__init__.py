"""Rubric versions: drafted, published and adopted by a campaign."""
