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
from onnx import helper, numpy_helper

_OPSET = 18
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
        self._old = {each.name: numpy_helper.to_array(each) for each in old.graph.initializer}
        products = [node for node in old.graph.node if node.op_type == "MatMulInteger"]
        self._weights = [node.input[1].removesuffix("_quantized") for node in products]
        self.layers = len(products) // _PER_LAYER
        outcomes = len(self._old["head.bias"])
        self._takes = helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, [1, "tokens"])
        self._gives = helper.make_tensor_value_info("logits", onnx.TensorProto.FLOAT, [1, outcomes])
        self._constants: dict[str, Array] = {}
        self._nodes: list[onnx.NodeProto] = []

    def model(self) -> "onnx.ModelProto":
        """All of it."""
        constants = [numpy_helper.from_array(array, name) for name, array in self._constants.items()]
        graph = helper.make_graph(self._nodes, "second_look", [self._takes], [self._gives], constants)
        domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid("com.microsoft", 1)]
        made: onnx.ModelProto = helper.make_model(graph, opset_imports=domains, ir_version=8)
        onnx.checker.check_model(made)
        return made

    def embedded(self, most_tokens: int) -> str:
        """Every token is of the first kind."""
        name = "transformer.embeddings"
        word = self._old_parts(f"{name}.word_embeddings.weight")
        rounded = self._add("Gather", [self._constant("words", word[0]), "input_ids"], "rounded")
        scale = [self._constant("word_scale", word[1]), self._constant("word_zero", word[2])]
        words = self._add("DequantizeLinear", [rounded, *scale], "word")
        kind = self._constant("kind", self._plain(f"{name}.token_type_embeddings.weight")[0])
        places = self._plain(f"{name}.position_embeddings.weight")[:most_tokens]
        count = self._add("Shape", ["input_ids"], "count", start=1, end=2)
        ends = [self._constant("start", np.array([0])), count]
        place = self._add("Slice", [self._constant("places", places), *ends], "place")
        both = self._add("Add", [self._add("Add", [words, kind], "of_a_kind"), place], "embedded")
        return self._normalised(both, f"{name}.LayerNorm", "states")

    def layer(self, number: int, states: str) -> str:
        """One layer of the transformer."""
        old, new = f"transformer.encoder.layer.{number}", f"layer_{number}"
        *attention, behind, wide, narrow = self._weights[number * _PER_LAYER :][:_PER_LAYER]
        context = self._attention(states, attention, f"{old}.attention.self", f"{new}_attention")
        out = self._product(context, behind, f"{old}.attention.output.dense.bias", f"{new}_behind")
        both = self._add("Add", [out, states], f"{new}_behind_sum")
        states = self._normalised(both, f"{old}.attention.output.LayerNorm", f"{new}_attended")
        inner = self._product(states, wide, f"{old}.intermediate.dense.bias", f"{new}_wide")
        inner = self._gelu(inner, f"{new}_gelu")
        out = self._product(inner, narrow, f"{old}.output.dense.bias", f"{new}_narrow")
        both = self._add("Add", [out, states], f"{new}_sum")
        return self._normalised(both, f"{old}.output.LayerNorm", f"{new}_states")

    def head(self, states: str) -> None:
        """The mean of all tokens' states, and the logits of it."""
        axis = self._constant("tokens", np.array([1]))
        total = self._add("ReduceSum", [states, axis], "total", keepdims=0)
        count = self._add("Cast", ["count"], "count_as_number", to=onnx.TensorProto.FLOAT)
        mean = self._add("Div", [total, count], "mean")
        self._product(mean, self._weights[-1], "head.bias", "logits")

    def _attention(self, states: str, weights: Sequence[str], old: str, name: str) -> str:
        whole, scale, zero = map(np.concatenate, zip(*map(self._turned, weights), strict=True))
        bias = np.concatenate([self._old[f"{old}.{part}.bias"] for part in ("query", "key", "value")])
        rounded = [f"{name}_rounded", f"{name}_step", f"{name}_zero"]
        self._nodes.append(helper.make_node("DynamicQuantizeLinear", [states], rounded))
        inputs = [
            rounded[0],
            self._constant(f"{name}_whole", whole.T),
            self._constant(f"{name}_bias", bias),
            rounded[1],
            self._constant(f"{name}_scale", scale),
            "",
            rounded[2],
            self._constant(f"{name}_zeros", zero),
        ]
        return self._add("QAttention", inputs, name, domain="com.microsoft", num_heads=self._heads)

    def _product(self, states: str, weights: str, bias: str, name: str) -> str:
        whole, scale, _ = self._turned(weights)
        inputs = [
            states,
            self._constant(f"{name}_whole", whole.T),
            self._constant(f"{name}_scale", scale),
            "",
            self._constant(f"{name}_bias", self._old[bias]),
        ]
        return self._add("DynamicQuantizeMatMul", inputs, name, domain="com.microsoft")

    def _gelu(self, states: str, name: str) -> str:
        """Step by step as it was: as one node its last bits differ."""
        root = self._constant("root", np.array(2**0.5, np.float32))
        one, half = (
            self._constant("one", np.array(1, np.float32)),
            self._constant("half", np.array(0.5, np.float32)),
        )
        erf = self._add("Erf", [self._add("Div", [states, root], f"{name}_small")], f"{name}_erf")
        raised = self._add("Add", [erf, one], f"{name}_raised")
        return self._add("Mul", [self._add("Mul", [states, raised], f"{name}_twice"), half], name)

    def _normalised(self, states: str, old: str, name: str) -> str:
        factors = [
            self._constant(f"{name}_{part}", self._old[f"{old}.{part}"]) for part in ("weight", "bias")
        ]
        return self._add("LayerNormalization", [states, *factors], name, epsilon=_EPSILON)

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

    def _constant(self, name: str, array: Array) -> str:
        self._constants[name] = np.ascontiguousarray(array).reshape(np.shape(array))
        return name

    def _add(self, kind: str, inputs: Sequence[str], output: str, **settings: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], **settings))
        return output
