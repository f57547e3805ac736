"""Calibration before the first image."""
