"""Makes a copy's second graph: its weights are whole numbers of eight bits.

Of a short text reading 42 MB of weights is half of the time; of a long one multiplying is, and whole numbers are
quicker at both. Weights are rounded channel by channel, what they are multiplied with text by text. Where single
channels of that reach far, rounding would lose the others; so their reach is shared with the weights (Xiao et al. 2023,
SmoothQuant), and the furthest channels behind a GELU stay in 32 bits (Dettmers et al. 2022, LLM.int8()). How far each
reaches is measured on the topics' example questions.

Each text is encoded alone, so the graph takes every token for one of its own and reads no mask.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from assistant.encoder.fusing import Numbers, Reach, furthest, fused_graph, reach_of, share_of
from assistant.encoder.nodes import epsilon_of, node, own, rebuilt

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

_OUTLIERS = 32
_MOST = 127
_BIASES = {"BiasGelu": 1, "SkipLayerNormalization": 4}
"""Which input of what is behind a product is its bias."""
_OF_A_MEAN = {"Mul", "ReduceSum", "Div", "Concat", "ReduceL2", "Clip", "Shape", "Expand"}
"""What is behind the transformer where vectors are the mean of all tokens, brought to length 1."""


def write_graph_in_eight_bits(
    traced: Path, path: Path, heads: int, width: int, examples: Iterable[Sequence[int]]
) -> None:
    """Writes the graph that is made of a traced one; `examples` are tokens of texts.

    `heads` is how many its attention has, `width` the length of its vectors inside.
    Raises `ValueError` for a transformer that is not of BERT's shape.
    """
    import onnx

    fused = fused_graph(traced, heads, width)
    onnx.save(_Rewriting(fused, reach_of(fused, examples)).model(), str(path))


class _Rewriting:
    """A fused graph, node by node, in eight bits."""

    def __init__(self, fused: "ModelProto", reach: Reach) -> None:
        from onnx import numpy_helper

        self._fused, self._reach = fused, reach
        self._known = {each.name: numpy_helper.to_array(each) for each in fused.graph.initializer}
        self._kind_of = {name: old.op_type for old in fused.graph.node for name in old.output}
        self._reader_of = {old.input[0]: old for old in fused.graph.node if old.input}
        self._bias_of = {
            old.input[0]: old.input[_BIASES[old.op_type]]
            for old in fused.graph.node
            if old.op_type in _BIASES and len(old.input) > _BIASES[old.op_type]
        }
        self._made: dict[str, NDArray[Any]] = {}

    def model(self) -> "ModelProto":
        """All of it."""
        nodes: list[NodeProto] = []
        for place, each in enumerate(self._fused.graph.node):
            nodes += self._rewritten(each, f"eight_{place}")
        return rebuilt(self._fused, self._with_a_short_end(nodes), {**self._known, **self._made})

    def _with_a_short_end(self, nodes: "list[NodeProto]") -> "list[NodeProto]":
        """Where vectors are means: without what the mask is for."""
        last = max(place for place, old in enumerate(nodes) if old.op_type == "LayerNormalization")
        end = [old for old in nodes[last + 1 :] if old.op_type != "Constant"]
        kinds = [old.op_type for old in end]
        if not set(kinds) <= _OF_A_MEAN or kinds.count("Mul") != 1:
            return nodes
        states, vectors = nodes[last].output[0], nodes[-1].output[0]
        total = node("ReduceSum", [states, self._constant("tokens", np.array([1]))], ["total"], keepdims=0)
        return [*nodes[: last + 1], total, node("LpNormalization", ["total"], [vectors], axis=1, p=2)]

    def _rewritten(self, old: "NodeProto", name: str) -> "Iterator[NodeProto]":
        if old.op_type == "EmbedLayerNormalization":
            yield from self._embedding(old, name)
        elif old.op_type == "Attention":
            yield from self._attention(old, name)
        elif old.op_type == "MatMul" and old.input[1] in self._known:
            behind_gelu = self._kind_of[old.input[0]] == "BiasGelu"
            yield from (self._outliers_apart if behind_gelu else self._balanced)(old, name)
        elif old.op_type == "BiasGelu":
            yield own("Gelu", [old.input[0]], list(old.output))
        elif old.op_type == "SkipLayerNormalization":
            yield from self._normalised(old, name)
        else:
            yield old

    def _embedding(self, old: "NodeProto", name: str) -> "Iterator[NodeProto]":
        """Word vectors in 16 bits; every token is of the first kind."""
        ids, _, word, place, kind, scale, shift, *_ = old.input
        if not kind:
            raise ValueError("its tokens are of no kinds")
        words = self._constant(f"{name}_words", self._known[word].astype(np.float16))
        places = self._constant(f"{name}_places", self._known[place] + self._known[kind][0])
        zero = self._constant(f"{name}_zero", np.array([0]))
        yield node("Gather", [words, ids], [f"{name}_short"])
        yield node("Cast", [f"{name}_short"], [f"{name}_word"], to=1)
        yield node("Shape", [ids], [f"{name}_end"], start=1, end=2)
        yield node("Slice", [places, zero, f"{name}_end"], [f"{name}_place"])
        yield node("Add", [f"{name}_word", f"{name}_place"], [f"{name}_sum"])
        yield node(
            "LayerNormalization", [f"{name}_sum", scale, shift], [old.output[0]], epsilon=epsilon_of(old)
        )

    def _normalised(self, old: "NodeProto", name: str) -> "Iterator[NodeProto]":
        """Skip and norm stay apart: as one node, they take five times as long."""
        states, skipped, *factors = old.input[:4]
        yield node("Add", [states, skipped], [f"{name}_sum"])
        yield node("LayerNormalization", [f"{name}_sum", *factors], list(old.output), epsilon=epsilon_of(old))

    def _attention(self, old: "NodeProto", name: str) -> "Iterator[NodeProto]":
        """What is behind it is smoothed here: a value's factor goes through the shares that it is added up with."""
        source, weights = old.input[0], self._known[old.input[1]]
        share = share_of(self._reach[source], weights)
        whole, scale = self._whole_numbers(weights * share[:, np.newaxis], name)
        heads = next(each.i for each in old.attribute if each.name == "num_heads")
        behind = self._reader_of[old.output[0]]
        factors = np.ones(weights.shape[1], np.float32)
        factors[-len(weights) :] = 1 / share_of(self._reach[old.output[0]], self._known[behind.input[1]])
        self._made[scale] *= factors
        bias = self._constant(f"{name}_bias", self._known[old.input[2]] * factors)
        zeros = self._constant(f"{name}_zeros", np.zeros(factors.shape, np.int8))
        rounded = [f"{name}_rounded", f"{name}_step", f"{name}_zero"]
        yield self._smoothed(source, share, name)
        yield node("DynamicQuantizeLinear", [f"{name}_even"], rounded)
        inputs = [rounded[0], whole, bias, rounded[1], scale, "", rounded[2], zeros]
        yield own("QAttention", inputs, list(old.output), num_heads=heads)

    def _balanced(self, old: "NodeProto", name: str) -> "Iterator[NodeProto]":
        source, weights = old.input[0], self._known[old.input[1]]
        share = share_of(self._reach[source], weights)
        whole, scale = self._whole_numbers(weights * share[:, np.newaxis], name)
        even = source
        if self._kind_of[source] != "Attention":
            yield self._smoothed(source, share, name)
            even = f"{name}_even"
        yield self._product(even, whole, scale, old, old.output[0])

    def _product(self, states: str, whole: str, scale: str, old: "NodeProto", out: str) -> "NodeProto":
        """With the bias that the node behind the old one adds."""
        bias = self._bias_of.get(old.output[0], "")
        return own("DynamicQuantizeMatMul", [states, whole, scale, "", bias], [out])

    def _outliers_apart(self, old: "NodeProto", name: str) -> "Iterator[NodeProto]":
        source, weights = old.input[0], self._known[old.input[1]]
        far = furthest(self._reach[source], _OUTLIERS)
        near = np.ones(len(weights), np.float32)
        near[far] = 0
        whole, scale = self._whole_numbers(weights * near[:, np.newaxis], name)
        yield node("Mul", [source, self._constant(f"{name}_near", near)], [f"{name}_kept"])
        yield self._product(f"{name}_kept", whole, scale, old, f"{name}_most")
        yield node("Gather", [source, self._constant(f"{name}_far", far)], [f"{name}_apart"], axis=2)
        exact = self._constant(f"{name}_exact", weights[far])
        yield node("MatMul", [f"{name}_apart", exact], [f"{name}_rest"])
        yield node("Add", [f"{name}_most", f"{name}_rest"], list(old.output))

    def _smoothed(self, source: str, share: Numbers, name: str) -> "NodeProto":
        factor = self._constant(f"{name}_share", (1 / share).astype(np.float32))
        return node("Mul", [source, factor], [f"{name}_even"])

    def _whole_numbers(self, weights: Numbers, name: str) -> tuple[str, str]:
        step = np.abs(weights).max(axis=0) / _MOST
        step[step == 0] = 1
        whole = np.rint(weights / step).astype(np.int8)
        return self._constant(f"{name}_whole", whole), self._constant(
            f"{name}_scale", step.astype(np.float32)
        )

    def _constant(self, name: str, array: NDArray[Any]) -> str:
        self._made[name] = array
        return name
