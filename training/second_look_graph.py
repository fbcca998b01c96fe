"""Writes the second look's graph as it is run: the numbers of `quantize_dynamic`'s, to the last bit, in fewer nodes.

That one computes the shapes of a batch of padded texts anew in every layer; the second look reads one text at a time.
So there is no mask, what belongs together is one node of onnxruntime's: a short question takes two thirds of the time.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from training.onnx_graph import FLOAT, IDS, Graph

_EPSILON = 1e-12
_PER_LAYER = 6
"""Products with weights in a layer: of query, key and value, behind attention, and two of the feed-forward part."""

Array = NDArray[Any]


def write_graph(quantised: Path, path: Path, heads: int, most_tokens: int) -> None:
    """Writes the graph of a quantised model: `input_ids` [1, tokens], at most `most_tokens`, to `logits` [1, outcomes].

    Raises `KeyError` or `ValueError` for another model than `training.train_second_look` makes.
    """
    writing = _Writing(onnx.load(str(quantised)), heads)
    states = writing.embedded(most_tokens)
    for layer in range(writing.layers):
        states = writing.layer(layer, states)
    writing.head(states)
    onnx.save(writing.model(), str(path))


class _Writing:
    """The new graph as far as it is written; each method adds nodes and gives the name of what they make."""

    def __init__(self, old: "onnx.ModelProto", heads: int) -> None:
        self._heads = heads
        self._graph = Graph()
        self._old = {each.name: numpy_helper.to_array(each) for each in old.graph.initializer}
        products = [node for node in old.graph.node if node.op_type == "MatMulInteger"]
        self._weights = [node.input[1].removesuffix("_quantized") for node in products]
        self.layers = len(products) // _PER_LAYER
        self._count = self._graph.node("Shape", "input_ids", start=1, end=2)

    def model(self) -> "onnx.ModelProto":
        """All of it."""
        outcomes = len(self._old["head.bias"])
        made = self._graph.model(
            "second_look", {"input_ids": (IDS, [1, "tokens"])}, {"logits": [1, outcomes]}
        )
        onnx.checker.check_model(made)
        return made

    def embedded(self, most_tokens: int) -> str:
        """Every token is of the first kind."""
        graph, name = self._graph, "transformer.embeddings"
        words, *scale = map(self._constant, self._old_parts(f"{name}.word_embeddings.weight"))
        word = graph.node("DequantizeLinear", graph.node("Gather", words, "input_ids"), *scale)
        kind = self._constant(self._plain(f"{name}.token_type_embeddings.weight")[0])
        places = self._constant(self._plain(f"{name}.position_embeddings.weight")[:most_tokens])
        place = graph.node("Slice", places, graph.constant([0], np.int64), self._count)
        both = graph.node("Add", graph.node("Add", word, kind), place)
        return self._normalised(both, f"{name}.LayerNorm")

    def layer(self, number: int, states: str) -> str:
        """One layer of the transformer."""
        add, old = self._graph.node, f"transformer.encoder.layer.{number}"
        *attention, behind, wide, narrow = self._weights[number * _PER_LAYER :][:_PER_LAYER]
        seen = self._attention(states, attention, f"{old}.attention.self")
        out = self._product(seen, behind, f"{old}.attention.output.dense.bias")
        states = self._normalised(add("Add", out, states), f"{old}.attention.output.LayerNorm")
        inner = self._gelu(self._product(states, wide, f"{old}.intermediate.dense.bias"))
        out = self._product(inner, narrow, f"{old}.output.dense.bias")
        return self._normalised(add("Add", out, states), f"{old}.output.LayerNorm")

    def head(self, states: str) -> None:
        """The mean of all tokens' states, and the logits of it."""
        graph = self._graph
        total = graph.node("ReduceSum", states, graph.constant([1], np.int64), keepdims=0)
        mean = graph.node("Div", total, graph.node("Cast", self._count, to=FLOAT))
        self._product(mean, self._weights[-1], "head.bias", "logits")

    def _attention(self, states: str, weights: Sequence[str], old: str) -> str:
        whole, scale, zeros = map(np.concatenate, zip(*map(self._turned, weights), strict=True))
        bias = np.concatenate([self._old[f"{old}.{part}.bias"] for part in ("query", "key", "value")])
        rounded, step, zero = self._graph.nodes("DynamicQuantizeLinear", states, outs=["", "", ""])
        weighed = self._constant(whole.T), self._constant(bias), step, self._constant(scale)
        inputs = rounded, *weighed, "", zero, self._constant(zeros)
        return self._graph.own("QAttention", *inputs, num_heads=self._heads)

    def _product(self, states: str, weights: str, bias: str, out: str = "") -> str:
        whole, scale, _ = self._turned(weights)
        inputs = states, self._constant(whole.T), self._constant(scale), "", self._constant(self._old[bias])
        return self._graph.own("DynamicQuantizeMatMul", *inputs, out=out)

    def _gelu(self, states: str) -> str:
        """Step by step as it was: as one node its last bits differ."""
        add, (root, one, half) = self._graph.node, map(self._graph.constant, (2**0.5, 1, 0.5))
        raised = add("Add", add("Erf", add("Div", states, root)), one)
        return add("Mul", add("Mul", states, raised), half)

    def _normalised(self, states: str, old: str) -> str:
        factors = (self._constant(self._old[f"{old}.{part}"]) for part in ("weight", "bias"))
        return self._graph.node("LayerNormalization", states, *factors, epsilon=_EPSILON)

    def _turned(self, weights: str) -> tuple[Array, Array, Array]:
        """Whole numbers [out, in], scale [out] and zero point [out], which must be 0."""
        whole, scale, zero = self._old_parts(weights)
        if np.any(zero):
            raise ValueError(f"{weights} is not rounded about zero")
        return whole.T, scale, zero

    def _plain(self, name: str) -> Array:
        whole, scale, zero = self._old_parts(name)
        plain: Array = (whole.astype(np.float32) - zero.astype(np.float32)) * scale
        return plain

    def _old_parts(self, name: str) -> tuple[Array, Array, Array]:
        whole, scale, zero = (self._old[f"{name}_{part}"] for part in ("quantized", "scale", "zero_point"))
        return whole, scale, zero

    def _constant(self, array: Array) -> str:
        """As it is, scalars too."""
        return self._graph.constant(np.ascontiguousarray(array).reshape(np.shape(array)), array.dtype.type)
