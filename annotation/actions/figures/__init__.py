"""Figures that take long in a large campaign: worked out in the background, shown with their time."""
