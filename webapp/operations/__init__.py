"""What whoever keeps the application running asks of it."""
