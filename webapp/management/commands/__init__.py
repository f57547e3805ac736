"""Hold the commands that make and serve an installation."""
