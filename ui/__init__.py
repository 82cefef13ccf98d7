"""The window: PySide6 Widgets. Pages render state and call verbs; no SQL, no HTTP, no rules."""
