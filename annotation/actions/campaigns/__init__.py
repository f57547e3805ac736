"""Campaigns: made, opened, changed, paused and closed."""
