"""The verbs of the window, grouped by noun: one transaction each, rights checked here."""
