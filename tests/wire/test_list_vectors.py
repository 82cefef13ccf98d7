"""The published vectors of list packages, by the description alone and by the program."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from vectors.independent_lists import whole_after

from courier_check.desk.vetting import shipped_vetting
from courier_check.screening.entries import ListPackage
from courier_check.screening.list_delta import ListDelta
from support.parcels import TODAY

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "lists.json").read_text(encoding="utf-8"))
OLD, DELTA, NEW = (VECTORS[name].encode() for name in ("old", "delta", "new"))


def test_by_the_description_the_delta_leads_to_the_new_package() -> None:
    assert whole_after(json.loads(OLD), json.loads(DELTA)) == NEW
    digests = {name: hashlib.sha256(VECTORS[name].encode()).hexdigest() for name in ("old", "new")}
    assert digests == VECTORS["sha256"]
    assert json.loads(DELTA)["outcome"] == {"count": 3, "sha256": digests["new"]}


def test_the_program_makes_the_same_bytes() -> None:
    vetting = shipped_vetting(TODAY)
    old, new = ListPackage.parse(OLD, vetting), ListPackage.parse(NEW, vetting)
    assert (old.encode(), new.encode()) == (OLD, NEW)
    assert ListDelta.between(old, new).encode() == DELTA
    assert ListDelta.parse(DELTA, vetting).encode() == DELTA
