"""What questions see of a passage, kept for the passages read last."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from assistant.types import Span

Halves = NDArray[np.float16]
MOST_KEPT = 64
"""Passages: about 1 MB each, the longest 1.8."""


class States(NamedTuple):
    """Keys and values [layers, 2, heads, tokens, 32], last states [tokens, 384], and where each token stands."""

    kept: Halves
    states: Halves
    offsets: tuple[Span, ...]


class PassageStates:
    """The states of passages; those that were not asked for longest are forgotten first. Any thread may ask."""

    def __init__(self, read: Callable[[str], States], most: int = MOST_KEPT) -> None:
        self._read, self._most = read, most
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
            self._known[passage] = states
            if len(self._known) > self._most:
                self._known.popitem(last=False)
        return states


def beside(passages: Sequence[States]) -> Mapping[str, NDArray[np.float16] | NDArray[np.float32]]:
    """What the graph of questions takes: every passage as long as the longest, and a mask of what is real."""
    longest = max(len(one.offsets) for one in passages)
    layers, both, heads, _, width = passages[0].kept.shape
    kept = np.zeros((len(passages), layers, both, heads, longest, width), np.float16)
    states = np.zeros((len(passages), longest, passages[0].states.shape[1]), np.float16)
    mask = np.zeros((len(passages), longest), np.float32)
    for row, one in enumerate(passages):
        tokens = len(one.offsets)
        kept[row, :, :, :, :tokens] = one.kept
        states[row, :tokens] = one.states
        mask[row, :tokens] = 1
    return {"kept": kept, "states": states, "mask": mask}
