"""The window: PySide6 Widgets. Pages render state and call verbs; no SQL, no HTTP, no rules."""

import builtins

import PySide6.QtCore  # noqa: F401 - installs what is taken out again below

# PySide replaces `__import__` for its `__feature__` switch, which nothing here uses: every import then passes through Python code, and the
# source of every module that is imported later is read and searched for "PySide6"; linecache keeps it all.
builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
