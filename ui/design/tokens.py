"""Tokens and the style sheet made of them. Colours by what they mean, sizes in device-independent pixels."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QWidget,
)

FAMILY = "Noto Sans CJK SC"
FONT_FILE = "fonts/NotoSansCJKsc-Regular-subset.otf"


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they mean, sizes in device-independent pixels. `scale` enlarges type."""

    ground: str = "#F4F5F7"
    card: str = "#FFFFFF"
    line: str = "#DFE3E8"
    ink: str = "#161B22"
    second: str = "#57606C"
    third: str = "#6B7480"  # the drawing's #8A929D has 3.1:1 on white; what is to come must be readable too
    go: str = "#1B5E9B"
    go_tint: str = "#E8F0F8"
    on_go: str = "#FFFFFF"
    stop: str = "#B23C00"
    stop_tint: str = "#FFF6F2"
    stop_frame: str = "#F2B705"
    refer: str = "#D9A22B"
    refer_tint: str = "#FFF4DC"
    refer_ink: str = "#5C3C00"
    muted: str = "#E3E6EA"
    rail: str = "#1E2733"
    rail_on: str = "#334150"
    rail_ink: str = "#C9D1DA"
    online: str = "#2E8B57"
    pane: str = "#1F262E"
    radius: int = 8
    gap: int = 12
    pad: int = 14
    scale: float = 1.0

    def px(self, size: float) -> int:
        """A type size, enlarged."""
        return max(1, round(size * self.scale))


LIGHT = Theme()

LABEL, TEXT, FACT, QUESTION, VERDICT = 13, 14, 17, 20, 34


def load_font(path: str) -> None:
    """Register the shipped font, so that Chinese renders on a machine without any. RuntimeError if the file is unusable."""
    if QFontDatabase.addApplicationFont(path) < 0:
        raise RuntimeError(f"unusable font {path}")


def dress(app: QApplication, theme: Theme) -> None:
    """Font, palette and style sheet of the whole program."""
    app.setStyle("Fusion")
    font = QFont(FAMILY)
    font.setPixelSize(theme.px(TEXT))
    font.setStyleStrategy(QFont.StyleStrategy.PreferAntialias)
    app.setFont(font)
    app.setPalette(_palette(theme))
    app.setStyleSheet(style_sheet(theme))


def _palette(theme: Theme) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: theme.ground,
        QPalette.ColorRole.WindowText: theme.ink,
        QPalette.ColorRole.Base: theme.card,
        QPalette.ColorRole.AlternateBase: theme.ground,
        QPalette.ColorRole.Text: theme.ink,
        QPalette.ColorRole.PlaceholderText: theme.third,
        QPalette.ColorRole.Button: theme.card,
        QPalette.ColorRole.ButtonText: theme.ink,
        QPalette.ColorRole.Highlight: theme.go,
        QPalette.ColorRole.HighlightedText: theme.on_go,
        QPalette.ColorRole.ToolTipBase: theme.ink,
        QPalette.ColorRole.ToolTipText: theme.card,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    return palette


def style_sheet(theme: Theme) -> str:
    """All rules, from tokens only. Widgets are told apart by the dynamic properties `kind` and `tone`."""
    t = theme
    tones = "".join(
        f'QFrame[kind="card"][tone="{tone}"] {{ border: 2px solid {colour}; }}\n'
        f'QFrame[kind="question-card"][tone="{tone}"] {{ border: 2px solid {colour}; background: {tint}; }}\n'
        for tone, colour, tint in (("go", t.go, t.card), ("refer", t.refer, t.refer_tint), ("stop", t.stop, t.stop_tint))
    )
    return f"""
QWidget {{ color: {t.ink}; }}
QLabel[kind="small"] {{ font-size: {t.px(LABEL)}px; color: {t.second}; }}
QLabel[kind="dim"] {{ font-size: {t.px(LABEL)}px; color: {t.third}; }}
QLabel[kind="name"] {{ color: {t.second}; }}
QLabel[kind="fact"] {{ font-size: {t.px(FACT)}px; font-weight: 700; }}
QLabel[kind="title"] {{ font-size: {t.px(16)}px; font-weight: 700; }}
QLabel[kind="question"] {{ font-size: {t.px(QUESTION)}px; font-weight: 700; }}
QLabel[kind="big"] {{ font-size: {t.px(22)}px; font-weight: 700; }}
QLabel[kind="tag"] {{ font-size: {t.px(LABEL)}px; background: {t.muted}; border-radius: 3px; padding: 1px 7px; color: {t.ink}; }}
QLabel[kind="tag"][tone="refer"] {{ background: {t.refer_tint}; color: {t.refer_ink}; }}
QLabel[kind="cap"] {{ font-size: {t.px(12)}px; background: {t.card}; color: {t.second};
  border: 1px solid #B9C0C9; border-bottom-width: 2px; border-radius: 4px; padding: 0 5px; }}
QLabel[kind="mark"][tone="go"] {{ color: {t.go}; font-weight: 700; }}
QLabel[kind="mark"][tone="stop"] {{ color: {t.stop}; font-weight: 700; }}
QLabel[kind="mark"][tone="refer"] {{ color: #9A6A00; font-weight: 700; }}
QLabel[kind="wrong"] {{ font-size: {t.px(LABEL)}px; color: {t.stop}; }}
QLabel[kind="picture"] {{ background: {t.muted}; border-radius: 6px; color: {t.second}; }}
QFrame[kind="card"] {{ background: {t.card}; border: 1px solid {t.line}; border-radius: {t.radius}px; }}
QFrame[kind="question-card"] {{ background: {t.card}; border: 2px solid {t.go}; border-radius: {t.radius}px; }}
QFrame[kind="rule"] {{ background: {t.line}; border: none; max-height: 1px; min-height: 1px; }}
QFrame[kind="verdict-card"] {{ background: {t.card}; border: 1px solid {t.line}; border-radius: {t.radius}px; }}
QFrame[kind="verdict-card"][tone="go"] {{ background: {t.go}; border: 1px solid {t.go}; }}
QFrame[kind="verdict-card"][tone="stop"] {{ background: {t.stop}; border: 6px solid {t.stop_frame}; }}
QFrame[kind="verdict-card"][tone="refer"] {{ background: {t.refer_tint}; border: 2px solid {t.refer}; }}
QLabel[kind="verdict"] {{ font-size: {t.px(VERDICT)}px; font-weight: 700; }}
QLabel[on="go"], QLabel[on="stop"] {{ color: {t.on_go}; background: transparent; }}
QLabel[on="refer"] {{ color: {t.refer_ink}; background: transparent; }}
QFrame[kind="toast"] {{ background: {t.ink}; border-radius: {t.radius}px; }}
QFrame[kind="toast"][tone="stop"] {{ background: {t.stop}; border: 3px solid {t.stop_frame}; }}
QLabel[kind="toast"] {{ color: {t.card}; background: transparent; }}
QFrame[kind="bar"] {{ background: {t.card}; border: none; border-top: 1px solid {t.line}; }}
QFrame[kind="top"] {{ background: {t.card}; border: none; border-bottom: 1px solid {t.line}; }}
QFrame[kind="rail"] {{ background: {t.rail}; }}
{tones}
QPushButton {{ background: {t.card}; border: 1px solid #C3CAD3; border-radius: 6px; padding: 0 12px; min-height: 34px; text-align: left; }}
QPushButton:hover {{ background: {t.go_tint}; }}
QPushButton:focus {{ border: 2px solid {t.go}; }}
QPushButton[tone="go"] {{ background: {t.go}; border-color: {t.go}; color: {t.on_go}; font-weight: 700; }}
QPushButton[tone="go"]:focus {{ border: 2px solid {t.ink}; }}
QPushButton[tone="stop"] {{ background: {t.stop}; border-color: {t.stop}; color: {t.on_go}; }}
QPushButton[tone="warn"] {{ border-color: {t.stop}; }}
QPushButton:disabled {{ background: {t.muted}; border-color: {t.muted}; color: {t.third}; }}
QLabel[kind="button"][tone="go"], QLabel[kind="button"][tone="stop"] {{ color: {t.on_go}; font-weight: 700; }}
QLabel[kind="button"][tone="warn"] {{ color: {t.stop}; }}
QLabel[kind="button"][tone="off"] {{ color: {t.third}; }}
QPushButton[large="yes"] {{ min-height: 48px; }}
QLabel[kind="button"][large="yes"] {{ font-size: {t.px(FACT)}px; font-weight: 700; }}
QPushButton[kind="rail"] {{ background: transparent; border: 2px solid transparent; border-radius: 6px; padding: 0; min-height: 51px; }}
QPushButton[kind="rail"]:checked {{ background: {t.rail_on}; }}
QPushButton[kind="rail"]:focus {{ border: 2px solid #6FA8DC; }}
QLabel[kind="rail"], QLabel[kind="rail-sign"] {{ color: {t.rail_ink}; background: transparent; font-size: {t.px(LABEL)}px; }}
QLabel[kind="rail-sign"] {{ font-size: {t.px(FACT)}px; }}
QLabel[tone="now"] {{ color: #FFFFFF; }}
QLineEdit, QComboBox, QDateEdit, QPlainTextEdit {{ background: {t.card}; border: 1px solid #B9C0C9; border-radius: 6px; padding: 0 8px;
  min-height: 32px; selection-background-color: {t.go}; selection-color: {t.on_go}; }}
QLineEdit:focus, QComboBox:focus, QDateEdit:focus {{ border: 2px solid {t.go}; padding: 0 7px; }}
QLineEdit[wrong="true"] {{ border: 2px solid {t.stop}; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox QAbstractItemView {{ background: {t.card}; border: 1px solid {t.line}; outline: none; }}
QTableWidget {{ background: {t.card}; border: 2px solid transparent; border-radius: 4px; gridline-color: {t.line}; outline: none; }}
QTableWidget::item {{ padding: 4px 8px; border-bottom: 1px solid {t.line}; }}
QTableWidget::item:selected {{ background: {t.go_tint}; color: {t.ink}; }}
QTableWidget:focus {{ border: 2px solid {t.go}; }}
QHeaderView::section {{ background: {t.card}; color: {t.second}; border: none; border-bottom: 1px solid {t.line}; padding: 6px 8px;
  font-size: {t.px(LABEL)}px; }}
QListWidget {{ background: {t.card}; border: none; outline: none; }}
QListWidget::item {{ padding: 5px 8px; border-radius: 4px; }}
QListWidget::item:selected {{ background: {t.go_tint}; color: {t.ink}; }}
QScrollArea {{ background: transparent; border: none; }}
QWidget[kind="clear"] {{ background: transparent; }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar::handle:vertical {{ background: #C3CAD3; border-radius: 4px; min-height: 30px; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle:horizontal {{ background: #C3CAD3; border-radius: 4px; min-width: 30px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: none; border: none;
  height: 0; width: 0; }}
QToolTip {{ background: {t.ink}; color: {t.card}; border: none; padding: 4px; }}
"""


def restyle(widget: QWidget, name: str, value: str) -> None:
    """Change a property that the style sheet looks at, and let it see that; nothing is done where it is the same already.

    The widget alone: matching a style sheet costs more than painting, so what stands inside has properties of its own.
    """
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)


def retone(widget: QWidget, tone: str) -> None:
    restyle(widget, "tone", tone)
