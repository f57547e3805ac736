"""Keep everyone: people, roles, sign-in."""
