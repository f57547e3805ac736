"""Two looks tell whether two images show nearly the same."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from annotation.images.files import miniature
from annotation.images.likeness import SIDE, Verdict, judge, likeness, within_reach
from tests.annotation.images.test_files import scene


def pixels(image):
    return np.frombuffer(miniature(image), np.uint8)


def alike(one, *others):
    return likeness(pixels(one), np.stack([pixels(other) for other in others]))


@pytest.mark.parametrize("turn", [*Image.Transpose], ids=lambda turn: turn.name)
def test_an_image_turned_or_mirrored_is_alike(turn):
    assert alike(scene(200, 150), scene(200, 150).transpose(turn))[0] >= 998


def test_an_image_brighter_or_grey_is_alike_and_another_scene_is_not():
    image = scene(200, 150)
    changed = [ImageEnhance.Brightness(image).enhance(0.7), image.convert("L"), scene(200, 150, seed=2)]
    brighter, grey, other = alike(image, *changed)
    assert min(brighter, grey) >= 990
    assert other < 850


def test_an_image_is_wholly_alike_to_itself_and_a_plain_one_cannot_be_told():
    assert alike(scene(200, 150), scene(200, 150), Image.new("L", (9, 9))) == [1000, None]
    assert alike(Image.new("L", (9, 9)), scene(200, 150)) == [None]


@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_likeness_is_the_correlation_of_the_best_turn_and_the_same_from_either_side(one_seed, other_seed):
    one, other = (
        np.random.default_rng(seed).integers(0, 256, SIDE * SIDE, np.uint8) for seed in (one_seed, other_seed)
    )
    ways = [np.rot90(way, k).ravel() for way in (one.reshape(SIDE, SIDE), one.reshape(SIDE, SIDE).T) for k in range(4)]
    expected = max(np.corrcoef(way, other)[0, 1] for way in ways)
    [found] = likeness(one, other[None, :])
    assert abs(found - 1000 * expected) <= 0.5 + 1e-6
    assert likeness(other, one[None, :]) == [found]


@pytest.mark.parametrize(
    ("bits", "value", "verdict"),
    [
        (14, 950, Verdict.SAME),
        (15, 1000, Verdict.OTHER),
        (0, 949, Verdict.UNSURE),
        (14, 850, Verdict.UNSURE),
        (0, 849, Verdict.OTHER),
        (6, None, Verdict.UNSURE),
        (7, None, Verdict.OTHER),
    ],
)
def test_bits_and_likeness_together_decide(bits, value, verdict):
    assert judge(bits, value) == verdict


def test_pairs_within_reach_are_found_by_any_way_however_many_rows_there_are():
    chance = np.random.default_rng(3)
    turned = chance.integers(0, 2**63, (600, 8), dtype=np.uint64)
    plain = chance.integers(0, 2**63, 50, dtype=np.uint64)
    plain[7] = turned[599, 5] ^ np.uint64(0b1011)
    plain[8] = turned[0, 0] ^ np.uint64(2**14 - 1)
    plain[9] = turned[300, 1] ^ np.uint64(2**15 - 1)
    found = {(row, column): bits for bits, row, column in within_reach(turned, plain)}
    distances = np.bitwise_count(turned[:, :, None] ^ plain).min(axis=1)
    assert found == {(int(r), int(c)): int(distances[r, c]) for r, c in zip(*np.nonzero(distances <= 14), strict=True)}
    assert (found[599, 7], found[0, 8]) == (3, 14)
    assert distances[300, 9] == 15
