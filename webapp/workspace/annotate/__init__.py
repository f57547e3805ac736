"""Images judged one after another."""
