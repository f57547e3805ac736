"""Chance-corrected agreement and its intervals."""
