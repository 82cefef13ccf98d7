"""The station's encrypted SQLite database, its keys, its data folder and the shipped resources."""
