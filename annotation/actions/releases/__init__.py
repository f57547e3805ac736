"""Releases: scope, preview, freeze, build, verify, send, and withdrawals."""
