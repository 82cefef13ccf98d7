"""Every code of the journal and the wire has a sentence in both languages, and it is the same wherever one code is said twice."""

from __future__ import annotations

import msgspec
import pytest

from courier_check.journal.codes import JournalCode
from courier_check.store.resources import read_resource
from courier_check.wire.enrolment import EnrolmentCode
from courier_check.wire.problems import STATUS, ProblemCode

JOURNAL = msgspec.json.decode(read_resource("wording/journal.json"))
WIRE = msgspec.json.decode(read_resource("wording/wire.json"))


@pytest.mark.parametrize(("wording", "codes"), [(JOURNAL, {*JournalCode}), (WIRE, {*EnrolmentCode, *ProblemCode})])
def test_every_code_has_a_sentence_without_placeholders(wording, codes):
    assert set(wording) == {code.value for code in codes}
    assert all(set(each) == {"zh", "en"} and all(text and "{" not in text for text in each.values()) for each in wording.values())


def test_a_code_of_both_says_the_same():
    assert all(JOURNAL[code] == WIRE[code] for code in JOURNAL.keys() & WIRE.keys())


def test_every_problem_has_a_status():
    assert set(STATUS) == set(ProblemCode)
