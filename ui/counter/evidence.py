"""凭证照片 at the counter: which view F6 takes, what is kept of it, what a thumbnail shows, and 免拍 with its reason."""

from __future__ import annotations

import hashlib
from collections import Counter as Tally
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from courier_check.acceptance.draft import ClerkRefusal
from courier_check.acceptance.judgement import judge
from courier_check.acceptance.tasks import TaskKind
from courier_check.devices.codes import VisionCode
from courier_check.errors import CourierCheckError, UserError
from courier_check.inspection.checklist import ExemptReason, ItemMoment, PhotoRule, PhotoView
from courier_check.inspection.findings import Answer
from courier_check.inspection.verdict import Outcome, Verdict
from courier_check.store.evidence import Photo
from ui import keys
from ui.counter.codes import CounterCode
from ui.counter.effects import Now, TakePhoto
from ui.counter.state import CounterState, Panel, Wanting
from ui.shown import PhotoThumb

if TYPE_CHECKING:
    from courier_check.devices.evidence_photos import EvidencePhoto
    from ui.counter.conductor import Means
    from ui.counter.sources import AtCounter

INSISTED_MS = 10_000
"""Taken again so soon after it was found wanting, a photo that nobody requires is kept as it is: the clerk sees it and knows better."""
MEDIA_TYPE = "image/jpeg"
_UNCHECKED = (VisionCode.READER_STOPPED, VisionCode.OCR_UNAVAILABLE, VisionCode.DECODER_UNAVAILABLE)
_VIEWS = {PhotoView.OPEN: "开箱", PhotoView.SEALED: "封装"}


def next_photo(now: Now) -> PhotoRule | None:
    """What F6 takes: the photo that is asked for; else of the opened parcel while that is owed or it is not sealed, else of the sealed
    one. None where no rule has photos."""
    if (asked := owed_by_refusal(now)) is not None:
        return asked
    if now.task.kind is TaskKind.PHOTO and now.task.photo is not None:
        return now.task.photo
    photos = now.books.rules.rulebook.rules.checklists.photos
    is_owed = any(each.view is PhotoView.OPEN and each.id in now.verdict.missing for each in photos)
    view = PhotoView.OPEN if is_owed or not _is_sealed(now) else PhotoView.SEALED
    return min((each for each in photos if each.view is view), key=lambda each: each.id not in now.verdict.missing, default=None)


def owed_by_refusal(now: Now) -> PhotoRule | None:
    """The photo that the refusal on the panel asks for and that was not taken yet."""
    owed = as_refused(now).unpictured if now.state.panel is Panel.REFUSE and now.state.chosen else ()
    return now.books.rules.rulebook.rules.checklists.photo(owed[0]) if owed else None


def as_refused(now: Now) -> Verdict:
    """The verdict as it will be with the refusal that the panel shows: what it asks for, and what is to be done."""
    state, books = now.state, now.books
    draft = replace(state.draft, refusal=ClerkRefusal(state.chosen)) if state.chosen else state.draft
    return judge(draft, books.rules.rulebook, books.rules.policy, books.today)


def ways_round(now: Now, photo: PhotoRule) -> tuple[ExemptReason, ...]:
    """免拍原因 that help here: to refuse without a camera is possible, to accept without one is the rule's matter."""
    return photo.stop_exemptions if photo.id in now.verdict.unpictured else photo.exempt_reasons


def _is_sealed(now: Now) -> bool:
    """What is refused goes back as it is, whatever was answered before."""
    answers = now.state.draft.answers
    sealed = any(one.moment is ItemMoment.SEALING and one.finding.answer is Answer.YES for one in answers)
    return sealed and now.verdict.outcome is not Outcome.REFUSE


def take(now: Now) -> TakePhoto:
    """What F6 does. `insisted`: of a photo that nobody requires, the second time within ten seconds."""
    rule = next_photo(now)
    if rule is None:
        return TakePhoto("photo-contents")
    wanting = now.state.aside.wanting
    again = wanting is not None and wanting.rule == rule.id and now.mono_ms - wanting.at_ms <= INSISTED_MS
    return TakePhoto(rule.id, sealed=rule.view is PhotoView.SEALED, insisted=again and not _is_required(now, rule.id))


def _is_required(now: Now, rule: str) -> bool:
    asked = owed_by_refusal(now)
    return rule in now.verdict.missing or (asked is not None and asked.id == rule)


def photo_named(now: Now, rule: str) -> str:
    """What a photo is called on screen."""
    known = now.books.rules.rulebook.rules.checklists.photo(rule)
    return known.question.zh if known is not None else "照片"


def kept(now: Now, photo: Photo, taken: tuple[str, Sequence[str]], small: bytes = b"") -> CounterState:
    """A photo for a rule, with what is wrong with it if anything. UserError for more than a parcel may have."""
    from ui.counter.inputs import still_open  # which asks acts, and those ask here

    rule, faults = taken
    session = now.state.session.photographed(rule, hashlib.sha256(photo.data).hexdigest(), faults)
    aside = now.state.aside
    state = now.state.with_session(session, **still_open(now.state))
    state = state.beside(photos=(*aside.photos, photo), smalls={**aside.smalls, photo.name: small}, wanting=None, exempting="")
    return state if faults else _on_with_refusal(state)


def press_photo(now: Now, key: str) -> tuple[CounterState, None] | None:
    """免拍: a digit says why, then a word of explanation may be typed."""
    photo = now.task.photo
    number = int(key) - 1 if key in keys.DIGITS else -1
    reasons = ways_round(now, photo) if photo is not None else ()
    if not 0 <= number < len(reasons):
        return None
    return replace(now.state, said="").beside(exempting=reasons[number].id), None


def exempted(now: Now, note: str) -> CounterState:
    """免拍 confirmed. UserError where the reason must be explained."""
    photo = now.task.photo
    if photo is None or not now.state.aside.exempting:
        return now.state
    session = now.state.session.photo_exempted(photo.id, now.state.aside.exempting, now.books.rules.rulebook, note)
    return _on_with_refusal(now.state.with_session(session).beside(exempting=""))


def _on_with_refusal(state: CounterState) -> CounterState:
    """What the clerk refuses is before him again, once the photo that held it up is there or spared."""
    refusal = state.draft.refusal
    return state.opened(Panel.REFUSE, chosen=refusal.code) if refusal is not None and state.panel is Panel.TASK else state


def thumbs_of(state: CounterState, photos: Sequence[PhotoRule]) -> tuple[PhotoThumb, ...]:
    """The photos of the parcel in hand, as small as they are shown."""
    views = {photo.id: photo.view for photo in photos}
    shown = zip(state.draft.photos, state.aside.photos, strict=False)
    return tuple(
        PhotoThumb(
            f"{state.session.session_id}/{held.sha256}/{place}",
            f"{_words(views.get(held.rule))} {place}",
            bool(held.faults),
            state.aside.smalls.get(photo.name, b""),
        )
        for place, (held, photo) in enumerate(shown, 1)
    )


def _words(view: PhotoView | None) -> str:
    return _VIEWS.get(view, "照片") if view is not None else "照片"


class EvidencePhotos:
    """Photos that are being taken: at most one answer for each, put into the parcel it was taken of."""

    def __init__(self, means: Means, counter: AtCounter) -> None:
        self._means, self._counter = means, counter
        self._under_way: Tally[str] = Tally()

    def are_under_way(self, session_id: str) -> bool:
        """A photo of this parcel is still being looked at: it is not handed in without it."""
        return self._under_way[session_id] > 0

    def take(self, wanted: TakePhoto) -> None:
        asked = self._counter.now().state.session.session_id
        self._under_way[asked] += 1
        self._counter.tell(f"正在核对{photo_named(self._counter.now(), wanted.rule)}…", False)
        self._means.pictures.take_photo(
            lambda photo: self._ended(asked, lambda: self._taken(asked, wanted, photo)),
            lambda error: self._ended(asked, lambda: self._failed(asked, wanted, error)),
            sealed=wanted.sealed,
        )

    def _ended(self, asked: str, then: Callable[[], None]) -> None:
        self._under_way[asked] -= 1
        self._under_way += Tally()  # drops what is zero
        if asked == self._counter.now().state.session.session_id:
            then()

    def _taken(self, asked: str, wanted: TakePhoto, photo: EvidencePhoto) -> None:
        if photo.faults and not wanted.insisted:
            self._counter.deliver(asked, lambda now: self._wanting(now, wanted, photo.faults[0]))
            return
        before = len(self._counter.now().state.aside.photos)
        named = Photo(f"{wanted.rule}-{before + 1}", MEDIA_TYPE, photo.data)
        self._counter.deliver(asked, lambda now: kept(now, named, (wanted.rule, [str(fault) for fault in photo.faults]), photo.small))
        after = self._counter.now()
        if len(after.state.aside.photos) > before:
            note = "（画质不足，已记明）" if photo.faults else ""
            self._counter.tell(f"已拍{photo_named(after, wanted.rule)}，第 {before + 1} 张{note}", False)

    def _wanting(self, now: Now, wanted: TakePhoto, fault: str) -> CounterState:
        """Nothing is kept; why not, and what may be done."""
        wording = self._means.wording
        code = CounterCode.PHOTO_MUST_BE_GOOD if _is_required(now, wanted.rule) else CounterCode.PHOTO_AGAIN
        said = wording.of(code.value, {"fault": wording.of(fault)})
        self._counter.tell(said, True)
        return now.state.saying(said).beside(wanting=Wanting(wanted.rule, now.mono_ms))

    def _failed(self, asked: str, wanted: TakePhoto, error: CourierCheckError) -> None:
        """A picture that nobody looked at is not kept: it may show somebody's document."""
        now = self._counter.now()
        told = UserError(CounterCode.PHOTO_UNCHECKED, photo=photo_named(now, wanted.rule)) if error.code in _UNCHECKED else error
        self._counter.say(UserError(CounterCode.NO_PHOTO) if error.code == CounterCode.NO_PICTURE else told)
