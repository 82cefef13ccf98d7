"""What tests of pictures share: the sample pictures, their truth, and one text reader (its models take a second to load)."""

from __future__ import annotations

import json

import pytest

from courier_check.devices.ocr import RapidTextReader
from courier_check.parcel.waybills import Carriers
from courier_check.store.resources import read_resource, resource_path


@pytest.fixture(scope="session")
def ocr():
    """On one thread, which reads the same as two: the second would spend two thirds as much again on waiting for the first."""
    return RapidTextReader(threads=1)


@pytest.fixture(scope="session")
def carriers():
    return Carriers.parse(read_resource("carriers.json"))


@pytest.fixture(scope="session")
def samples():
    return resource_path("samples")


@pytest.fixture(scope="session")
def people():
    return {person["key"]: person for person in json.loads(read_resource("samples/people.json"))["people"]}


@pytest.fixture(scope="session")
def labels():
    return {label["key"]: label for label in json.loads(read_resource("samples/waybills.json"))["waybills"]}
