"""What browsers show of an image file: its parts, colours and orientation, for copies and for models alike."""
