"""Every code and warning of pictures and parcels has a sentence in both languages, with the facts its error carries."""

from __future__ import annotations

import json

import pytest

from courier_check.devices.codes import PictureCode, VisionCode
from courier_check.devices.waybill_labels import LabelWarning
from courier_check.devices.waybill_pictures import WaybillWarning
from courier_check.identity.printed_reading import ReadingWarning
from courier_check.parcel.carriers import CarriersCode
from courier_check.parcel.waybills import WaybillReason
from courier_check.store.resources import read_resource

DEVICES = (*PictureCode, *VisionCode, *LabelWarning, *WaybillWarning, *ReadingWarning)
PARCEL = (*CarriersCode, *WaybillReason)


@pytest.mark.parametrize(("package", "codes"), [("devices", DEVICES), ("parcel", PARCEL)])
def test_every_code_has_a_sentence_in_both_languages(package, codes):
    wording = json.loads(read_resource(f"wording/{package}.json")) | json.loads(read_resource("wording/credential.json"))
    for code in codes:
        assert set(wording[code.value]) == {"zh", "en"}
        assert wording[code.value]["zh"].endswith("。")
