"""The pages and tables of a release that people read."""
