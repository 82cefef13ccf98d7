"""Shared by tests: a made-up gateway's keys, a clock that obeys, stations in a temporary folder."""
