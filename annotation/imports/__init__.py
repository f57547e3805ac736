"""Read what comes from elsewhere, without Django: sources of images, and answers, whose readers `formats` lists."""
