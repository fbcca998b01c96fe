"""What questions see of a passage, in whole numbers of 8 bits, kept for the passages read last."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Wholes = NDArray[np.int8]

MOST_BYTES = 32_000_000
"""Of kept passages: about 80 of 115 tokens, 36 of the longest."""
_HEADS, _WIDTH = 12, 32
_MOST = 127
_MOST_OF_KEYS = 63
"""Keys are multiplied as whole numbers: with 8 bits, older processors would overflow."""
_LEAST_STEP = 1e-12


class States(NamedTuple):
    """Of one passage: whole numbers, each to be multiplied with the step of its channel, or of its token in `states`.

    `keys` [layers, heads, 32, tokens], `values` [layers, heads, tokens, 32] and the steps of both [layers, heads, 1,
    32]; last `states` [tokens, 384], their steps and the length of each without its step [tokens]; and where each
    token stands in the text [tokens, 2].
    """

    keys: Wholes
    key_steps: Floats
    values: Wholes
    value_steps: Floats
    states: Wholes
    state_steps: Floats
    lengths: Floats
    offsets: NDArray[np.int64]

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(each.nbytes for each in self)


def states_of(
    keys: Sequence[Floats], values: Sequence[Floats], states: Floats, offsets: NDArray[np.int64]
) -> States:
    """What is kept of what the graph gives: by layer keys and values [tokens, 384], and last states [tokens, 384]."""
    whole_keys, key_steps = _by_layer(keys, _MOST_OF_KEYS)
    whole_values, value_steps = _by_layer(values, _MOST)
    whole, steps = _whole(states, 1, _MOST)
    return States(
        np.ascontiguousarray(whole_keys.swapaxes(2, 3)),
        key_steps,
        whole_values,
        value_steps,
        whole,
        steps[:, 0],
        np.maximum(np.sqrt(np.square(whole, dtype=np.float32).sum(1)), np.float32(1)),
        offsets,
    )


def _by_layer(numbers: Sequence[Floats], most: int) -> tuple[Wholes, Floats]:
    """Whole numbers [layers, heads, tokens, 32] and steps [layers, heads, 1, 32] of numbers [tokens, 384] by layer."""
    whole, steps = zip(*(_whole(each, 0, most) for each in numbers), strict=True)
    by_head = (
        np.stack(each).reshape(len(numbers), -1, _HEADS, _WIDTH).swapaxes(1, 2) for each in (whole, steps)
    )
    whole_by_head, steps_by_head = map(np.ascontiguousarray, by_head)
    return whole_by_head, steps_by_head


def _whole(numbers: Floats, axis: int, most: int) -> tuple[Wholes, Floats]:
    """Whole numbers from -`most` to `most`, and the steps along `axis` to multiply them with."""
    steps = np.maximum(np.abs(numbers).max(axis, keepdims=True) / np.float32(most), np.float32(_LEAST_STEP))
    return np.rint(numbers / steps).astype(np.int8), steps


class PassageStates:
    """The states of passages; those that were not asked for longest are forgotten first. Any thread may ask."""

    def __init__(self, read: Callable[[str], States], most_bytes: int = MOST_BYTES) -> None:
        self._read, self._most_bytes, self._bytes = read, most_bytes, 0
        self._known: OrderedDict[str, States] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, passage: str) -> States:
        """The states of one passage, computed now unless they are known."""
        with self._lock:
            if passage in self._known:
                self._known.move_to_end(passage)
                return self._known[passage]
        states = self._read(passage)
        with self._lock:
            if passage not in self._known:
                self._known[passage] = states
                self._bytes += states.size
            while self._bytes > self._most_bytes:
                _, forgotten = self._known.popitem(last=False)
                self._bytes -= forgotten.size
        return states


def beside(passages: Sequence[States]) -> Mapping[str, NDArray[np.generic]]:
    """What the graph takes of passages: every one as long as the longest, and a mask of what is real."""
    longest = max(len(one.offsets) for one in passages)
    first, count = passages[0], len(passages)
    layers, heads, width, _ = first.keys.shape
    keys = [np.zeros((count, heads, width, longest), np.int8) for _ in range(layers)]
    values = [np.zeros((count, heads, longest, width), np.int8) for _ in range(layers)]
    states = np.zeros((count, longest, first.states.shape[1]), np.int8)
    mask, steps = np.zeros((2, count, longest), np.float32)
    lengths = np.ones((count, longest), np.float32)
    for row, one in enumerate(passages):
        tokens = len(one.offsets)
        for layer in range(layers):
            keys[layer][row, :, :, :tokens] = one.keys[layer]
            values[layer][row, :, :tokens] = one.values[layer]
        states[row, :tokens] = one.states
        steps[row, :tokens], lengths[row, :tokens], mask[row, :tokens] = one.state_steps, one.lengths, 1
    inputs: dict[str, NDArray[np.generic]] = {
        "mask": mask,
        "states": states,
        "state_steps": steps,
        "lengths": lengths,
    }
    by_layer: dict[str, Sequence[Wholes] | Floats] = {
        "keys": keys,
        "key_steps": np.stack([one.key_steps for one in passages], 1),
        "values": values,
        "value_steps": np.stack([one.value_steps for one in passages], 1),
    }
    for kind, of in by_layer.items():
        inputs |= {f"{kind}_{layer}": each for layer, each in enumerate(of)}
    return inputs


def beside_nothing(layers: int, width: int) -> Mapping[str, NDArray[np.generic]]:
    """What the graph takes where there is no passage: one of a single token, which the mask hides."""
    nothing = [np.zeros((1, width), np.float32)] * layers
    single = states_of(nothing, nothing, nothing[0], np.zeros((1, 2), np.int64))
    return {**beside([single]), "mask": np.zeros((1, 1), np.float32)}
