"""The documents that cross the line between station and gateway. Specified in docs/wire.md."""
