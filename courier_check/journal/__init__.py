"""日志: entries, parts, sealing, chain, signature, Merkle tree, verification. Pure; no I/O. Specified in docs/journal.md."""
