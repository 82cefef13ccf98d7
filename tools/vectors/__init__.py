"""How the files in tests/vectors are made."""
