"""Scores from measured image statistics: the yardstick."""
