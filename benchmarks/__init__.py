"""What performance claims rest on: figures measured on this machine, each against a peer of the same run (`python -m benchmarks --help`).

Nothing is kept from an earlier run. Data is made up, deterministic, and written to the disk of the work tree.
"""
