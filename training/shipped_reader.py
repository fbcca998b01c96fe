"""Reads an exported reader back, so that training can go on where the weights it was exported from are lost.

What was shared with the weights goes back to the states, and what stayed apart is put back: see
training/onnx_graph.py. What rounding took is gone: at most half a step of each weight.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import NodeProto, numpy_helper
from torch import nn

from training.export_reader import GRAPH
from training.reader_model import Layer, Reader

_MULTIPLIED = "DynamicQuantizeMatMul"


def take_back(reader: Reader, folder: Path) -> Reader:
    """The `reader` with the weights that were exported into `folder`; its word vectors, which no encoder of ours has
    changed, stay as they are. Raises `ValueError` if the graph is not one that `export` writes.

    The lower layers are taken back too: they are those of the encoder as it was when the reader was new.
    """
    graph = _Exported(folder / GRAPH)
    maps = list(graph.maps())
    norms = [node for node in graph.nodes if node.op_type == "LayerNormalization"]
    layers = [*reader.alone, *reader.together]
    if len(maps) != 4 * len(layers) + 3 or len(norms) != 2 * len(layers) + 1:
        raise ValueError(f"{folder / GRAPH} is not an exported reader of {len(layers)} layers.")
    with torch.no_grad():
        for number, layer in enumerate(layers):
            _fill(maps[4 * number : 4 * number + 4], layer)
            for norm, node in zip((layer.norm, layer.last_norm), norms[2 * number + 1 :], strict=False):
                norm.weight.copy_(graph.tensor(node.input[1]))
                norm.bias.copy_(graph.tensor(node.input[2]))
        inner, last = (cast(nn.Linear, reader.judge[place]) for place in (0, 2))
        for part, one in zip((inner, last, reader.point), maps[-3:], strict=True):
            _fill_parts(one, part)
        [asks] = [node for node in graph.nodes if node.op_type == "Mul" and node.input[0] == "asks"]
        reader.asks.copy_(graph.tensor(asks.input[1]))
    return reader


_Map = tuple[torch.Tensor, torch.Tensor]


def _fill(maps: list[_Map], layer: Layer) -> None:
    _fill_parts(maps[0], layer.query, layer.key, layer.value)
    for one, part in zip(maps[1:], (layer.out, layer.grow, layer.shrink), strict=True):
        _fill_parts(one, part)


def _fill_parts(one: _Map, *parts: nn.Linear) -> None:
    sizes = [part.out_features for part in parts]
    weights, biases = (torch.split(each, sizes) for each in one)
    for part, weight, bias in zip(parts, weights, biases, strict=True):
        part.weight.copy_(weight)
        part.bias.copy_(bias)


class _Exported:
    """The graph's nodes in the order in which they were written, and its constants."""

    def __init__(self, path: Path) -> None:
        model = onnx.load(path)
        self.nodes: list[NodeProto] = list(model.graph.node)
        self._constants = {each.name: each for each in model.graph.initializer}
        self._made_by = {out: node for node in self.nodes for out in node.output}

    def tensor(self, name: str) -> torch.Tensor:
        """A constant's values."""
        return torch.from_numpy(self._numbers(name).copy())

    def maps(self) -> Iterator[_Map]:
        """Of each linear map its weights [made, given] and bias [made], as they were before rounding."""
        for node in self.nodes:
            if node.op_type == _MULTIPLIED:
                states, whole, steps, _, bias = node.input
                weights = self._numbers(whole).astype(np.float32) * self._numbers(steps)
                before = self._made_by[states]
                if before.op_type == "Mul" and before.input[1] in self._constants:
                    weights *= self._numbers(before.input[1])[:, np.newaxis]
                    self._put_back(weights, before.input[0])
                yield torch.from_numpy(weights.T.copy()), self.tensor(bias)

    def _put_back(self, weights: NDArray[np.float32], states: str) -> None:
        """The weights of those channels of `states` that are multiplied apart, in 32 bits."""
        for apart in self.nodes:
            if apart.op_type == "Gather" and apart.input[0] == states and apart.input[1] in self._constants:
                [exact] = [node for node in self.nodes if list(node.input[:1]) == list(apart.output)]
                weights[self._numbers(apart.input[1])] = self._numbers(exact.input[1])

    def _numbers(self, name: str) -> NDArray[np.float32]:
        numbers: NDArray[np.float32] = numpy_helper.to_array(self._constants[name])
        return numbers
