"""The best rows of many scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.evidence.ranking import highest


@pytest.mark.parametrize(
    ("scores", "count", "expected"),
    [
        ([0.1, 0.9, 0.5], 2, [1, 2]),
        ([0.5, 0.9, 0.5, 0.5], 3, [1, 0, 2]),
        ([0, 0, 0, 1], 3, [3, 0, 1]),
        ([0.2, 0.1], 5, [0, 1]),
        ([], 5, []),
    ],
)
def test_highest_first_and_ties_by_row(scores, count, expected):
    assert highest(np.array(scores, np.float32), count) == expected


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), max_size=60), st.integers(1, 70))
def test_it_is_a_stable_sort_cut_short(scores, count):
    expected = sorted(range(len(scores)), key=lambda row: -scores[row])[:count]
    assert highest(np.array(scores, np.float32), count) == expected
