"""Stored reports of agreement."""
