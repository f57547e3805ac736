"""Places of images: counted in one way, walked through in orders, held back, and what is open about them."""
