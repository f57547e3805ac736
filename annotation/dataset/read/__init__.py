"""Releases read back: compared, unpacked, their versions ranked."""
