"""Answers to one image, and those sent back to whoever gave them."""
