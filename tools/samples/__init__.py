"""Drawing the made-up sample pictures."""
