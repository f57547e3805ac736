"""The log of every change: a hash chain a campaign."""
