"""A release held against itself, without a database."""
