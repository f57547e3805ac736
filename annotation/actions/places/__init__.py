"""Places of images: counted in one way, lined up for people, held back, and what is open about them."""
