"""Whether a window can be shown, told before Qt is loaded: without a display Qt ends the process from C++, past every exception handler."""

from __future__ import annotations

from collections.abc import Mapping

OFFSCREEN = "offscreen"
_DRAWS_ANYWHERE = frozenset({OFFSCREEN, "minimal", "vnc", "linuxfb", "eglfs"})
"""Qt platforms of Linux that need no display server."""


def has_display(environment: Mapping[str, str], platform: str) -> bool:
    """`environment`: the process's variables; `platform`: as `sys.platform`."""
    if not platform.startswith("linux"):
        return True
    return bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def wanted_platform(environment: Mapping[str, str], platform: str) -> str | None:
    """The Qt platform to ask for; None: Qt's own choice. A platform somebody named is left, unless it needs a display and there is none."""
    named = environment.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if has_display(environment, platform) or named in _DRAWS_ANYWHERE:
        return None
    return OFFSCREEN


def is_seen(environment: Mapping[str, str], platform: str) -> bool:
    """Whether somebody can look at the window: there is a display, or a platform was named on purpose."""
    return has_display(environment, platform) or bool(environment.get("QT_QPA_PLATFORM"))
