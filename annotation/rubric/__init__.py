"""What is asked, and what an annotation is. Plain Python."""
