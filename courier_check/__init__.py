"""Courier Check 收寄实名验视: all logic of the acceptance desk. Never imports PySide6 nor ui."""

__version__ = "0.1.0"
