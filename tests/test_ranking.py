"""The best rows of many scores, when rows are searched for, and that nothing holds an index that was replaced."""

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import Assistant
from assistant.evidence.ranking import highest
from assistant.index import PassageIndex


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


class Closed:
    """A store that must not be asked."""

    def search(self, queries, k):
        raise AssertionError("searched")


@pytest.mark.parametrize("on_a_server", [False, True])
def test_where_all_passages_are_candidates_none_is_searched_for_but_on_a_server(
    on_a_server, index_dir, word_encoder
):
    index = PassageIndex.open(index_dir)
    expected = Assistant(index, word_encoder).ask("sleepy")
    assert expected.hits
    index.store, index._on_a_server = Closed(), on_a_server
    count = len(index.passages)
    assert [index.is_searched_for(k) for k in (count - 1, count, count + 1)] == [
        True,
        on_a_server,
        on_a_server,
    ]
    if on_a_server:
        with pytest.raises(AssertionError, match="searched"):
            Assistant(index, word_encoder).ask("sleepy")
    else:
        assert Assistant(index, word_encoder).ask("sleepy") == expected


def test_an_index_that_nobody_asks_any_more_is_freed_at_once(index_dir, word_encoder):
    index = PassageIndex.open(index_dir)
    assistant = Assistant(index, word_encoder)
    assert assistant.ask("sleepy").hits
    left = weakref.ref(index), weakref.ref(assistant)
    gc.disable()
    try:
        del index, assistant
        assert [each() for each in left] == [None, None]
    finally:
        gc.enable()
