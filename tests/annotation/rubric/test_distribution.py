"""How unsure a model is: known distributions, and what rounding may change."""

import math
import random

import pytest

from annotation.rubric.distribution import check, compact, entropy, mean, spread

CERTAIN = tuple(float(point == 40) for point in range(101))
NO_IDEA = (1 / 101,) * 101
TWO_CAMPS = tuple(0.5 * (point in (20, 80)) for point in range(101))


@pytest.mark.parametrize(
    ("distribution", "expected"),
    [
        (CERTAIN, (40, 0, 0)),
        (NO_IDEA, (50, math.sqrt((101**2 - 1) / 12), math.log2(101))),
        (TWO_CAMPS, (50, 30, 1)),
    ],
)
def test_mean_spread_and_entropy_of_known_distributions(distribution, expected):
    assert (mean(distribution), spread(distribution), entropy(distribution)) == pytest.approx(expected)


def test_rounding_moves_the_mean_less_than_stated():
    chance = random.Random(7)
    for sharpness in (1, 4, 16):
        weights = [chance.random() ** sharpness for _ in range(101)]
        full = [weight / math.fsum(weights) for weight in weights]
        assert mean(compact(full)) == pytest.approx(mean(full), abs=0.003)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (NO_IDEA, ""),
        (NO_IDEA[:100], "has 100 values"),
        ((*NO_IDEA[:100], math.nan), "no probability"),
        ((-0.1, 1.1, *(0.0,) * 99), "no probability"),
        ((0.0,) * 101, "adds up to 0"),
    ],
)
def test_what_is_no_distribution_is_named(values, words):
    distribution = check(values)
    assert words in distribution
    assert bool(distribution) == bool(words)
