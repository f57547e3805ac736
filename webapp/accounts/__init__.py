"""Everyone: people, roles, sign-in."""
