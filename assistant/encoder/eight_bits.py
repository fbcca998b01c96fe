"""Makes a copy's second graph, for questions alone: its weights are whole numbers of eight bits.

A question is short: reading 42 MB of weights is half of its time. Weights are rounded channel by channel, what they are
multiplied with text by text. Where single channels of that reach far, rounding would lose the others; so their reach
is shared with the weights (Xiao et al. 2023, SmoothQuant), and the furthest channels behind a GELU stay in 32 bits
(Dettmers et al. 2022, LLM.int8()). How far each reaches is measured on the topics' example questions.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

Numbers = NDArray[np.float32]
Reach = Mapping[str, Numbers]

_BALANCE = 0.6
"""Of a channel's reach, so much goes over to the weights: measured with 0.5 to 1, with and without a shift."""
_OUTLIERS = 32
_MOST = 127
_MASK = "mask"


def write_question_graph(
    traced: Path, path: Path, heads: int, width: int, examples: Iterable[Sequence[int]]
) -> None:
    """Writes the graph for questions that is made of a traced one; `examples` are tokens of texts.

    `heads` is how many its attention has, `width` the length of its vectors inside.
    Raises `ValueError` for a transformer that is not of BERT's shape.
    """
    import onnx

    fused = _fused(traced, heads, width)
    kinds = {node.op_type for node in fused.graph.node}
    if not {"Attention", "EmbedLayerNormalization", "BiasGelu"} <= kinds:
        raise ValueError("its transformer is not of BERT's shape")
    onnx.save(_Rewriting(fused, _reach(fused, examples)).model(), str(path))


def _fused(traced: Path, heads: int, width: int) -> "ModelProto":
    """Attention, normalising and embedding as one node each."""
    from onnxruntime.transformers import optimizer

    found: ModelProto = optimizer.optimize_model(str(traced), "bert", heads, width, opt_level=0).model
    return found


def _reach(fused: "ModelProto", examples: Iterable[Sequence[int]]) -> Reach:
    """By name of what weights are multiplied with: the furthest from 0 that each of its channels was."""
    import onnx
    import onnxruntime

    watched = type(fused)()
    watched.CopyFrom(fused)
    names = sorted({node.input[0] for node in fused.graph.node if node.op_type in ("MatMul", "Attention")})
    for name in names:
        watched.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(watched.SerializeToString(), providers=["CPUExecutionProvider"])
    reach: dict[str, Numbers] = {}
    for tokens in examples:
        ids = np.array([tokens], np.int64)
        seen = session.run(names, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        for name, numbers in zip(names, seen, strict=True):
            furthest = np.abs(numbers).max(axis=(0, 1))
            reach[name] = np.maximum(reach.get(name, furthest), furthest)
    return reach


class _Rewriting:
    """A fused graph, node by node, in eight bits."""

    def __init__(self, fused: "ModelProto", reach: Reach) -> None:
        from onnx import numpy_helper

        self._fused, self._reach = fused, reach
        self._known = {each.name: numpy_helper.to_array(each) for each in fused.graph.initializer}
        self._kind_of = {name: node.op_type for node in fused.graph.node for name in node.output}
        self._made: dict[str, NDArray[Any]] = {}

    def model(self) -> "ModelProto":
        """The graph without what is no longer used."""
        from onnx import numpy_helper

        nodes = [_node("Cast", ["attention_mask"], [_MASK], to=6)]
        for place, node in enumerate(self._fused.graph.node):
            nodes += self._rewritten(node, f"eight_{place}")
        needed = {each.name for each in self._fused.graph.output}
        used: list[NodeProto] = []
        for node in reversed(nodes):
            if needed.intersection(node.output):
                used.insert(0, node)
                needed.update(node.input)
        model = type(self._fused)()
        model.CopyFrom(self._fused)
        for field, kept in (
            ("node", used),
            ("initializer", [
                numpy_helper.from_array(np.ascontiguousarray(array), name)
                for name, array in {**self._known, **self._made}.items()
                if name in needed
            ]),
        ):  # fmt: skip
            model.graph.ClearField(field)
            getattr(model.graph, field).extend(kept)
        return model

    def _rewritten(self, node: "NodeProto", name: str) -> "Iterator[NodeProto]":
        if node.op_type == "EmbedLayerNormalization":
            yield from self._embedding(node, name)
        elif node.op_type == "Attention":
            yield from self._attention(node, name)
        elif node.op_type == "MatMul" and node.input[1] in self._known:
            behind_gelu = self._kind_of[node.input[0]] == "BiasGelu"
            yield from (self._outliers_apart if behind_gelu else self._balanced)(node, name)
        else:
            yield node

    def _embedding(self, node: "NodeProto", name: str) -> "Iterator[NodeProto]":
        """Word vectors in 16 bits; every token is of the first kind."""
        ids, _, word, place, kind, scale, shift, *_ = node.input
        if not kind:
            raise ValueError("its tokens are of no kinds")
        words = self._constant(f"{name}_words", self._known[word].astype(np.float16))
        places = self._constant(f"{name}_places", self._known[place] + self._known[kind][0])
        zero = self._constant(f"{name}_zero", np.array([0]))
        yield _node("Gather", [words, ids], [f"{name}_short"])
        yield _node("Cast", [f"{name}_short"], [f"{name}_word"], to=1)
        yield _node("Shape", [ids], [f"{name}_end"], start=1, end=2)
        yield _node("Slice", [places, zero, f"{name}_end"], [f"{name}_place"])
        yield _node("Add", [f"{name}_word", f"{name}_place"], [f"{name}_sum"])
        epsilon = next(each.f for each in node.attribute if each.name == "epsilon")
        yield _node("LayerNormalization", [f"{name}_sum", scale, shift], [node.output[0]], epsilon=epsilon)

    def _attention(self, node: "NodeProto", name: str) -> "Iterator[NodeProto]":
        smooth, weights, scale = self._smoothed(node.input[0], self._known[node.input[1]], name)
        heads = next(each.i for each in node.attribute if each.name == "num_heads")
        zeros = self._constant(f"{name}_zeros", np.zeros(self._made[scale].shape, np.int8))
        rounded = [f"{name}_rounded", f"{name}_step", f"{name}_zero"]
        yield smooth
        yield _node("DynamicQuantizeLinear", [smooth.output[0]], rounded)
        inputs = [rounded[0], weights, node.input[2], rounded[1], scale, _MASK, rounded[2], zeros]
        yield _own("QAttention", inputs, list(node.output), num_heads=heads)

    def _balanced(self, node: "NodeProto", name: str) -> "Iterator[NodeProto]":
        smooth, weights, scale = self._smoothed(node.input[0], self._known[node.input[1]], name)
        yield smooth
        yield _own("DynamicQuantizeMatMul", [smooth.output[0], weights, scale], list(node.output))

    def _outliers_apart(self, node: "NodeProto", name: str) -> "Iterator[NodeProto]":
        source, weights = node.input[0], self._known[node.input[1]]
        far = np.sort(np.argsort(-self._reach[source], kind="stable")[:_OUTLIERS])
        near = np.ones(len(weights), np.float32)
        near[far] = 0
        whole, scale = self._whole_numbers(weights * near[:, np.newaxis], name)
        yield _node("Mul", [source, self._constant(f"{name}_near", near)], [f"{name}_kept"])
        yield _own("DynamicQuantizeMatMul", [f"{name}_kept", whole, scale], [f"{name}_most"])
        yield _node("Gather", [source, self._constant(f"{name}_far", far)], [f"{name}_apart"], axis=2)
        exact = self._constant(f"{name}_exact", weights[far])
        yield _node("MatMul", [f"{name}_apart", exact], [f"{name}_rest"])
        yield _node("Add", [f"{name}_most", f"{name}_rest"], list(node.output))

    def _smoothed(self, source: str, weights: Numbers, name: str) -> "tuple[NodeProto, str, str]":
        """The node that shares a channel's reach with its weights, those weights, and their scale."""
        reach = np.maximum(self._reach[source], 1e-4)
        largest = np.maximum(np.abs(weights).max(axis=1), 1e-5)
        share = reach**_BALANCE / largest ** (1 - _BALANCE)
        whole, scale = self._whole_numbers(weights * share[:, np.newaxis], name)
        factor = self._constant(f"{name}_share", (1 / share).astype(np.float32))
        return _node("Mul", [source, factor], [f"{name}_even"]), whole, scale

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


def _node(kind: str, inputs: Sequence[str], outputs: Sequence[str], **settings: Any) -> "NodeProto":
    from onnx import helper

    return helper.make_node(kind, inputs, outputs, **settings)


def _own(kind: str, inputs: Sequence[str], outputs: Sequence[str], **settings: Any) -> "NodeProto":
    """A node of onnxruntime's own."""
    return _node(kind, inputs, outputs, domain="com.microsoft", **settings)
