import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotation.design.planner import Plan, annotations_for, images_for, interval_width, outlook, reliability_of_mean
from annotation.errors import BadInput

# Bonett (2002), 95 %: images for a full width of .2 and of .1.
BONETT = [
    (0.8, 2, 51, 201),
    (0.8, 3, 36, 140),
    (0.4, 2, 273, 1086),
    (0.4, 3, 151, 599),
    (0.6, 5, 73, 286),
    (0.8, 8, 25, 97),
]


@pytest.mark.parametrize(("icc", "k", "wide", "narrow"), BONETT)
def test_the_number_of_images_is_bonetts(icc, k, wide, narrow):
    assert (images_for(icc, k, 0.2), images_for(icc, k, 0.1)) == (wide, narrow)


def test_width_and_number_of_images_are_each_others_inverse():
    assert interval_width(0.5, 3, images_for(0.5, 3, 0.15)) == pytest.approx(0.15, abs=0.002)


# KonIQ-10k: single-rater .47, the mean of 3 .73, of 5 .82, of 9 .89.
@pytest.mark.parametrize(("k", "reliability"), [(1, 0.47), (3, 0.73), (5, 0.82), (9, 0.89)])
def test_the_mean_is_as_reliable_as_spearman_and_brown_say(k, reliability):
    assert reliability_of_mean(0.47, k) == pytest.approx(reliability, abs=0.005)


@pytest.mark.parametrize(
    ("icc", "for_80", "for_90"), [(0.2, 16, 36), (0.3, 10, 21), (0.4, 6, 14), (0.5, 4, 9), (0.6, 3, 6)]
)
def test_the_answers_needed_reach_the_target_and_one_less_does_not(icc, for_80, for_90):
    assert (annotations_for(icc, 0.8), annotations_for(icc, 0.9)) == (for_80, for_90)
    assert reliability_of_mean(icc, for_80) >= 0.8 - 1e-9
    assert reliability_of_mean(icc, for_80 - 1) < 0.8


def test_an_outlook_says_what_it_takes():
    found = outlook(Plan(images=1000, annotations_per_image=3, experts=6, icc=0.47, minutes=6))
    assert (found["annotations"], found["hours"], found["hours_per_expert"]) == (3000, 300, 50)
    assert found["annotations_for"] == {"0.80": 5, "0.90": 11}
    assert found["anchors"] == {"lay voters (AVA)": 0.2, "screened crowd (KonIQ-10k)": 0.47}


def test_one_answer_an_image_has_no_interval():
    assert outlook(Plan(100, 1, 3, 0.4, 5))["interval_width"] is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"images": 1}, "images: 2 or more is accepted, not 1"),
        ({"experts": 0}, "experts: 1 or more is accepted, not 0"),
        ({"annotations_per_image": 9}, r"at most the number of experts \(4\) is accepted, not 9"),
        ({"icc": 1.0}, "icc: between 0 and 1 is accepted, not 1"),
        ({"icc": float("nan")}, "icc: between 0 and 1"),
        ({"minutes": 0}, "minutes: more than 0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(change, message):
    with pytest.raises(BadInput, match=message):
        Plan(**({"images": 100, "annotations_per_image": 3, "experts": 4, "icc": 0.4, "minutes": 5} | change))


def test_the_command_prints_one_json_object():
    out = StringIO()
    call_command("plan", images=200, experts=5, icc=0.4, json=True, stdout=out)
    assert json.loads(out.getvalue())["annotations_for"]["0.80"] == 6


def test_the_command_says_what_is_wrong():
    with pytest.raises(CommandError, match="at most the number of experts"):
        call_command("plan", images=200, experts=2)
