"""Read answers collected elsewhere: no Django. A reader a format; `formats` lists them."""
