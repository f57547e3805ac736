"""The folder of a release, written in parts."""
