"""How long a parcel was in hand is handed in with it: from the first thing told of it, by the monotonic clock (product.md, G-06)."""

from __future__ import annotations

from dataclasses import replace

from courier_check.devices.codes import VisionCode
from courier_check.errors import DeviceError, EnvironmentFault
from courier_check.identity.documents import Source
from courier_check.identity.readings import SourceReading
from support.counters import CARD, LABEL, OTHER_LABEL, PatientReader, Stand
from ui.background import BackgroundCode


def handed_in(stand: Stand, began_ms: int) -> None:
    """The parcel in hand is done, and what was handed in last took as long as it was in hand."""
    stand.scan_label()
    stand.declare()
    stand.answer("inspection")
    stand.press("F12")
    stand.look_up()
    assert stand.station.submitted[-1].took_ms == stand.mono_ms - began_ms


def test_it_counts_from_the_key_that_reads_the_document(stand: Stand) -> None:
    stand.mono_ms = 50_000  # nobody was here
    stand.press("Enter")
    began_ms = stand.mono_ms
    stand.mono_ms += 700
    stand.read()
    stand.look_up()
    stand.answer("identity")
    handed_in(stand, began_ms)


def test_it_counts_from_when_the_reader_began_to_read_the_card(qapp: object, rules: object) -> None:
    reader = PatientReader()
    stand = Stand(rules, reader=reader)  # type: ignore[arg-type]  # the fixture's rules
    stand.press("Enter")  # the notice was shown
    stand.mono_ms = 50_000
    reader.tell(SourceReading(Source.CHIP, replace(CARD, source=Source.CHIP)), 1_400)
    stand.look_up()
    stand.answer("identity")
    handed_in(stand, 48_600)


def test_a_key_that_came_to_nothing_begins_no_parcel(stand: Stand) -> None:
    stand.press("Enter")
    stand.pictures.readings.pop().failed(DeviceError(VisionCode.NO_DOCUMENT))
    stand.mono_ms += 600_000
    stand.press("Enter")
    began_ms = stand.mono_ms
    stand.read()
    stand.look_up()
    stand.answer("identity")
    handed_in(stand, began_ms)


def test_a_document_that_is_typed_counts_from_its_form(stand: Stand) -> None:
    stand.press("F3")
    began_ms = stand.mono_ms
    stand.mono_ms += 9_000
    assert stand.state.begun
    assert stand.state.aside.began_ms == began_ms


def test_the_next_parcel_of_a_visit_counts_from_f4(stand: Stand) -> None:
    stand.accept()
    stand.mono_ms += 30_000
    stand.press("F4")
    began_ms = stand.mono_ms
    stand.look_up()
    stand.answer("identity")
    stand.scan_label(OTHER_LABEL)
    stand.declare()
    stand.answer("inspection")
    stand.press("F12")
    assert (stand.state.saving, stand.desk.asked[-1].work(stand.station).seq) == (True, 2)
    assert stand.station.submitted[-1].took_ms == stand.mono_ms - began_ms


def test_what_was_put_aside_meanwhile_counts_from_its_own_beginning(stand: Stand) -> None:
    stand.press("Enter")
    began_ms = stand.mono_ms
    stand.read()
    stand.look_up()
    stand.press("F10")
    assert stand.state.aside.began_ms is None
    stand.mono_ms += 40_000
    stand.press("F10")
    stand.look_up()
    stand.answer("identity")
    handed_in(stand, began_ms)


def test_what_is_handed_in_again_has_taken_longer(stand: Stand) -> None:
    stand.press("Enter")
    began_ms = stand.mono_ms
    stand.read()
    stand.look_up()
    stand.answer("identity")
    stand.scan_label(LABEL)
    stand.declare()
    stand.answer("inspection")
    stand.station.refuses = [EnvironmentFault(BackgroundCode.INTERNAL)]
    stand.press("F12")
    stand.look_up()
    stand.press("F12")
    stand.look_up()
    (handed,) = stand.station.submitted
    assert handed.took_ms == stand.mono_ms - began_ms
