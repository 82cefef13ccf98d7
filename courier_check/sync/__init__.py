"""Replication of the journal to the gateway: client, synchroniser, backoff."""
