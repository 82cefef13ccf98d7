"""寄件人电话, typed: what a number tells while it is typed, and what is wrong with it once the field was left."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit

from courier_check.identity.phones import Reach, reach_of
from courier_check.identity.text import halfwidth
from ui.counter.typed_number import NumberNote
from ui.design import FormRow

_MOBILE = 11
_SAID = {
    Reach.KNOWN: NumberNote(),
    Reach.VIRTUAL: NumberNote("这是隐私（虚拟）号码，请换寄件人可联系的号码。", wrong=True),
    Reach.UNFAMILIAR: NumberNote("不是已知的号码形式，请核对；确是境外号码的由主管确认。", wrong=True),
    Reach.NONE: NumberNote("不像电话。手机 11 位；固定电话带区号，如 0371-66660000。", wrong=True),
}


def phone_note(text: str, *, left: bool) -> NumberNote:
    """What a typed phone tells now. `left`: nothing more will be typed; before that an unfinished number is not wrong yet.
    A number with hidden digits is one that stands there already."""
    typed = halfwidth(text)
    if not typed or "*" in typed:
        return NumberNote()
    reach = reach_of(typed)
    if reach is not Reach.KNOWN and typed[0] == "1" and typed.isdigit() and len(typed) < _MOBILE:
        lacking = _MOBILE - len(typed)
        return NumberNote(f"手机应为 11 位，还差 {lacking} 位。" if left else f"还差 {lacking} 位", wrong=left)
    return _SAID[reach] if left or len(typed) > _MOBILE else NumberNote()


def watch_phone(row: FormRow) -> None:
    """Say it under the field as a person types, and when they leave it. What was filled in for them is judged elsewhere."""
    field = row.field
    assert isinstance(field, QLineEdit)  # noqa: S101 - the row of a phone

    def tell(*, left: bool) -> None:
        note = phone_note(field.text(), left=left) if field.isModified() else NumberNote()
        if note.wrong:
            row.complain(note.words)
        else:
            row.tell(note.words)

    field.textEdited.connect(lambda _text: tell(left=False))
    field.editingFinished.connect(lambda: tell(left=True))
