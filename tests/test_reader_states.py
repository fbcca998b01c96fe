from collections import Counter

import numpy as np
import pytest

from assistant.reader.spans import LONGEST, best_spans
from assistant.reader.states import PassageStates, beside, beside_nothing, states_of
from assistant.types import Span

OFFSETS = np.array([(0, 0), (0, 3), (4, 9), (10, 12), (0, 0)])


def points(starts, ends):
    return np.array([starts, ends], np.float32)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ((0, 5, 0, 0, 0), (0, 0, 0, 5, 0), Span(0, 12)),
        (
            (0, 0, 0, 5, 0),
            (0, 5, 0, 0, 0),
            Span(0, 3),
        ),  # an end never comes before its start: 5 + 0 twice, the first
        ((9, 0, 0, 1, 9), (9, 0, 0, 1, 9), Span(10, 12)),  # the first and last token belong to no word
        ((0, 0, 0, 0, 0), (0, 0, 0, 0, 0), Span(0, 3)),  # of equal ones the first
        ((0, 0, 2, 0, 0, 7), (0, 0, 2, 0, 0, 7), Span(4, 9)),  # what only fills up is not looked at
    ],
)
def test_the_likeliest_pair_of_first_and_last_token(starts, ends, expected):
    assert best_spans(points(starts, ends)[np.newaxis], [OFFSETS]) == [expected]


def test_nothing_is_pointed_at_in_no_text():
    assert best_spans(np.empty((0, 2, 7), np.float32), []) == []


def test_no_answer_is_longer_than_stated():
    offsets = np.array([(number, number + 1) for number in range(2 * LONGEST)])
    logits = np.zeros((1, 2, len(offsets)), np.float32)
    logits[0, 0, 0] = logits[0, 1, LONGEST] = 5
    assert best_spans(logits, [offsets]) == [Span(0, 1)]
    logits[0, 1, LONGEST - 1] = 4
    assert best_spans(logits, [offsets]) == [Span(0, LONGEST)]


def test_each_text_is_pointed_into_as_if_it_were_alone():
    chance = np.random.default_rng(3)
    longer = np.array([(3 * number, 3 * number + number % 2) for number in range(70)])
    both = chance.normal(size=(2, 2, 70)).astype(np.float32)
    together = best_spans(both, [OFFSETS, longer])
    assert together == [*best_spans(both[:1, :, :5], [OFFSETS]), *best_spans(both[1:], [longer])]
    assert together[1] == _tried_one_by_one(*both[1], longer)


def _tried_one_by_one(starts, ends, offsets):
    """The span by its definition."""
    words = [place for place, (start, end) in enumerate(offsets) if end > start]
    pairs = [(first, last) for first in words for last in words if 0 <= last - first < LONGEST]
    first, last = max(pairs, key=lambda pair: starts[pair[0]] + ends[pair[1]])
    return Span(offsets[first][0], offsets[last][1])


def numbers(*shape, seed=1, reach=1.0):
    return (reach * np.random.default_rng(seed).normal(size=shape)).astype(np.float32)


def kept(tokens: int, seed: int = 1):
    """States of a passage in two layers, whose channels reach differently far."""
    keys, values = (
        [numbers(tokens, 384, seed=seed + 2 * layer + one) for layer in range(2)] for one in range(2)
    )
    keys[0][:, 5] *= 100
    offsets = np.array([(number, number + 1) for number in range(tokens)])
    return keys, values, numbers(tokens, 384, seed=seed + 9), offsets


def test_what_is_kept_is_within_half_a_step_of_what_the_graph_gave():
    keys, values, states, offsets = kept(7)
    found = states_of(keys, values, states, offsets)
    assert [each.dtype for each in (found.keys, found.values, found.states)] == [np.int8] * 3
    assert np.abs(found.keys).max() <= 63
    for layer in range(2):
        for whole, steps, given in (
            (found.keys[layer].transpose(2, 0, 1), found.key_steps[layer], keys[layer]),
            (found.values[layer].transpose(1, 0, 2), found.value_steps[layer], values[layer]),
        ):
            off = np.abs(whole * steps[:, 0] - given.reshape(7, 12, 32))
            assert (off <= steps[:, 0] * 0.5001).all()
    assert (
        np.abs(found.states * found.state_steps[:, np.newaxis] - states).max()
        <= found.state_steps.max() * 0.5001
    )
    assert found.lengths == pytest.approx(np.linalg.norm(found.states.astype(float), axis=1))


def test_a_channel_of_nothing_stays_nothing():
    nothing = np.zeros((2, 384), np.float32)
    found = states_of([nothing], [nothing], nothing, np.zeros((2, 2), np.int64))
    assert not any(each.any() for each in (found.keys, found.values, found.states))
    assert (found.key_steps > 0).all()


def test_a_passage_is_read_once_and_those_not_asked_for_longest_are_forgotten():
    read = Counter[str]()

    def reading(passage: str):
        read[passage] += 1
        return states_of(*kept(len(passage)))

    size = states_of(*kept(1)).size
    known = PassageStates(reading, most_bytes=2 * size)
    for passage in ("a", "b", "a", "c", "a", "b"):
        known.of(passage)
    assert read == {"a": 1, "b": 2, "c": 1}
    longest = known.of("abcdef")
    assert longest.size > 2 * size
    known.of("a")
    assert read["a"] == 2


def test_passages_side_by_side_are_as_long_as_the_longest_and_the_mask_says_what_is_real():
    short, long = states_of(*kept(1)), states_of(*kept(3, seed=20))
    inputs = beside([short, long])
    assert inputs["mask"].tolist() == [[1, 0, 0], [1, 1, 1]]
    assert inputs["lengths"].tolist() == [[short.lengths[0], 1, 1], long.lengths.tolist()]
    assert inputs["state_steps"].tolist() == [[short.state_steps[0], 0, 0], long.state_steps.tolist()]
    assert (inputs["states"][1] == long.states).all()
    for layer in range(2):
        assert inputs[f"keys_{layer}"].shape == (2, 12, 32, 3)
        assert (inputs[f"keys_{layer}"][1] == long.keys[layer]).all()
        assert (inputs[f"values_{layer}"][0, :, :1] == short.values[layer]).all()
        assert not inputs[f"keys_{layer}"][0, :, :, 1:].any()
        assert not inputs[f"values_{layer}"][0, :, 1:].any()
        assert (inputs[f"key_steps_{layer}"][0] == short.key_steps[layer]).all()
        assert (inputs[f"value_steps_{layer}"][1] == long.value_steps[layer]).all()


def test_beside_nothing_nothing_is_seen():
    inputs = beside_nothing(2, 384)
    assert inputs.keys() == beside([states_of(*kept(3))]).keys()
    assert inputs["mask"].tolist() == [[0]]
