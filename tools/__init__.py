"""What maintainers run: fonts, vectors."""
