"""The practice scene: every customer's four pictures are what the sample files say, and all of it is marked as made up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from courier_check.devices.scene import PracticeScene, Samples, View
from courier_check.store.resources import resource_path
from support.clocks import SetClock

SAMPLES = Samples.load(resource_path("samples"))


@pytest.fixture
def scene(clock):
    return PracticeScene(SAMPLES, clock)


def test_everyone_of_the_samples_is_a_customer_and_says_what_for(people):
    assert {customer.name for customer in SAMPLES.customers} == {person["name"] for person in people.values()}
    remarks = {customer.key: customer.remark for customer in SAMPLES.customers}
    assert len(set(remarks.values())) == len(remarks) == 8
    assert (remarks["jd-li"], remarks["sf-wang-2"]) == ("证件已过期", "内件为禁寄物品")


def test_labels_belong_to_their_sender(labels):
    for customer in SAMPLES.customers:
        label = labels[customer.key]
        assert (customer.waybill, customer.declared) == (label["number"], label["contents"])
        assert label["sender"]["name"][0] == customer.name[0]


def test_it_is_all_marked_as_made_up(scene):
    assert "虚构" in scene.note
    assert "made up" in scene.note


def test_parcels_show_what_is_declared_where_there_is_a_picture_of_it():
    shown = {customer.key: customer.pictures[View.CONTENTS] for customer in SAMPLES.customers}
    assert shown["sf-wang"] == shown["zt-zhou"] == "contents-books.jpg"  # his books; her sample case shows them too
    assert (shown["yt-chen"], shown["s10-zhao"], shown["sf-wang-2"]) == ("contents-clothes.jpg", "contents-tea.jpg", "contents-lighter.jpg")
    assert shown["jd-li"] != "contents-lighter.jpg"


def test_a_customer_steps_up_with_the_card_and_puts_things_down_in_turn(scene, samples):
    scene.open()
    scene.show(View.CONTENTS)
    customer = scene.pick(2)
    assert (scene.view, scene.customer, scene.waybill) == (View.FRONT, customer, customer.waybill)
    for view in View:
        scene.show(view)
        frame = scene.latest()
        assert frame is scene.still()
        assert frame.data == (samples / customer.pictures[view]).read_bytes()
        with Image.open(samples / customer.pictures[view]) as picture:
            assert ((frame.width, frame.height), frame.encoded, frame.label) == (picture.size, True, customer.pictures[view])


def test_nothing_lies_there_before_opening_and_after_closing(scene):
    scene.pick(1)
    assert scene.latest() is None
    scene.open()
    assert scene.latest() is scene.latest() is not None
    scene.close()
    assert (scene.latest(), scene.still(), scene.trouble) == (None, None, None)


@pytest.mark.parametrize("index", [-1, 8])
def test_there_are_no_customers_beyond_the_ends(scene, index):
    with pytest.raises(IndexError):
        scene.pick(index)


steps = st.lists(st.sampled_from(["next", "open", "close", *View]) | st.integers(0, 7), max_size=20)


@given(steps)
def test_what_is_shown_is_always_the_customers_own(taken):
    scene = PracticeScene(SAMPLES, SetClock())
    is_open, index = False, 0
    for step in taken:
        if isinstance(step, View):
            scene.show(step)
        elif isinstance(step, int):
            index = step
            scene.pick(step)
        elif step == "next":
            index = (index + 1) % 8
            scene.next_customer()
        else:
            is_open = step == "open"
            scene.open() if is_open else scene.close()
        assert scene.customer is scene.customers[index]
        frame = scene.latest()
        assert (frame is not None) == is_open
        assert frame is None or frame.label == scene.customer.pictures[scene.view]
