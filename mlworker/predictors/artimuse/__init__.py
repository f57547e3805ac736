"""ArtiMuse and UniPercept, from a checkpoint in their authors' format."""
