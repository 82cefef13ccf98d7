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
    """What Qt is to try, in this order; None: its own choice. Drawing into memory comes last, so that Qt finds something in any case:
    a display that does not answer or a platform that does not exist would end the process."""
    if not platform.startswith("linux"):
        return None
    named = environment.get("QT_QPA_PLATFORM", "")
    if named.partition(":")[0] in _DRAWS_ANYWHERE:
        return None
    own = ("wayland" if environment.get("WAYLAND_DISPLAY") else "", "xcb" if environment.get("DISPLAY") else "")
    return ";".join(one for one in (named, *(() if named else own), OFFSCREEN) if one)


def fell_back(wanted: str | None, got: str) -> bool:
    """Whether nothing of what was wanted could be had: a window would stand where nobody sees it."""
    return wanted is not None and wanted != OFFSCREEN and got == OFFSCREEN


def is_seen(environment: Mapping[str, str], platform: str) -> bool:
    """Whether somebody can look at the window: there is a display, or a platform was named on purpose."""
    return has_display(environment, platform) or bool(environment.get("QT_QPA_PLATFORM"))
