"""The double for tests of the whole flow."""
