"""The look of the window in one place: tokens, style sheet and the components every page is built of.

Pages never set colours, sizes or fonts themselves; another theme is another `Theme` value. Components show values and emit signals; they
know no session and no rules.
"""

from ui.design.acceptance import (
    CheckList,
    Lines,
    PicturePane,
    QuestionCard,
    StepStrip,
    VerdictBanner,
    blurred,
)
from ui.design.ahead import Ahead, Drawing, Stepped, imports_ahead, lay_out_ahead, polish_ahead, types_ahead
from ui.design.frame import Rail, StatusBar, TopBar
from ui.design.listing import Banner, Counts, Listing
from ui.design.rows import Card, Facts, FormRow, KeyButton, column_of, row_of
from ui.design.states import StateView, Table, Toast
from ui.design.text import Elided, KeyCap, Label, Mark, Tag
from ui.design.tokens import FAMILY, FONT_FILE, LIGHT, Theme, dress, load_font, retone, style_sheet
from ui.shown import (
    AnswerShown,
    CheckShown,
    Fact,
    LineShown,
    PageShown,
    QuestionShown,
    Sign,
    StatusShown,
    StepShown,
    StepState,
    Tone,
    VerdictShown,
)

__all__ = [
    "FAMILY",
    "FONT_FILE",
    "LIGHT",
    "Ahead",
    "AnswerShown",
    "Banner",
    "Card",
    "CheckList",
    "CheckShown",
    "Counts",
    "Drawing",
    "Elided",
    "Fact",
    "Facts",
    "FormRow",
    "KeyButton",
    "KeyCap",
    "Label",
    "LineShown",
    "Lines",
    "Listing",
    "Mark",
    "PageShown",
    "PicturePane",
    "QuestionCard",
    "QuestionShown",
    "Rail",
    "Sign",
    "StateView",
    "StatusBar",
    "StatusShown",
    "StepShown",
    "StepState",
    "StepStrip",
    "Stepped",
    "Table",
    "Tag",
    "Theme",
    "Toast",
    "Tone",
    "TopBar",
    "VerdictBanner",
    "VerdictShown",
    "blurred",
    "column_of",
    "dress",
    "imports_ahead",
    "lay_out_ahead",
    "load_font",
    "polish_ahead",
    "retone",
    "row_of",
    "style_sheet",
    "types_ahead",
]
