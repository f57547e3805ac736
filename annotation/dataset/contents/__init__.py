"""What a release says about each image, and what is counted while the rows pass by."""
