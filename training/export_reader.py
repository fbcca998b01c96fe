"""Writes the trained reader as it ships: one ONNX graph and its weights.

The graph reads a text beside others. Beside nothing it reads a passage, and gives what questions will see of it; beside
passages it reads a question, and gives the logits. So every weight is loaded once. Its matrices and word vectors are
whole numbers, as are the passages that a question is read beside: see assistant/reader/states.py. How far channels
reach is measured on our own articles, so that little is lost by that.
"""

import math
from pathlib import Path
from typing import cast

import numpy as np
from torch import nn

from training.onnx_graph import FLOAT, IDS, WHOLE, Graph, Shape, numbers, steps_of
from training.reach import Reach, reach_of, written_examples
from training.reader_model import HEADS, HIDDEN, Layer, Packed, Reader

GRAPH, WEIGHTS = "reader.onnx", "weights.bin"
_WIDTH = HIDDEN // HEADS
_SCALE = 1 / math.sqrt(_WIDTH)
_MOST_OF_WORDS = 127
_HIDDEN = 1e4


def export(reader: Reader, out: Path, examples: Packed | None = None) -> None:
    """Writes the graph and its weights into the folder `out`; `examples` are read to measure how far channels reach.

    Inputs, of n passages of at most p tokens beside the text's t: `ids` [1, t]; `asks` [1], 1 for a question, 0 for a
    passage; `mask` [n, p], 1 where there is a token; by layer `keys_0` [n, heads, 32, p] and `values_0` [n, heads, p,
    32], to be multiplied with `key_steps_0` and `value_steps_0` [n, heads, 1, 32]; `states` [n, p, 384], to be
    multiplied with `state_steps` [n, p], and the `lengths` of `states` [n, p]. Outputs: `logits` [n], `points` (logits
    of first and last token) [n, 2, p], and of the text itself `own_keys_0` and `own_values_0` [n, t, 384], in layer 0
    only once, and `own_states` [n, t, 384].
    """
    graph = Graph()
    reader = reader.cpu().eval()
    reach = reach_of(reader, examples or written_examples())
    _read_off(graph, reader, _read_together(graph, reader, _read_alone(graph, reader, reach), reach))
    inputs: dict[str, tuple[int, Shape]] = {
        "ids": (IDS, [1, "t"]),
        "asks": (FLOAT, [1]),
        "mask": (FLOAT, ["n", "p"]),
        "states": (WHOLE, ["n", "p", HIDDEN]),
        "state_steps": (FLOAT, ["n", "p"]),
        "lengths": (FLOAT, ["n", "p"]),
    }
    outputs: dict[str, Shape] = {"logits": ["n"], "points": ["n", 2, "p"], "own_states": ["n", "t", HIDDEN]}
    for layer in range(len(reader.together)):
        inputs |= {
            f"keys_{layer}": (WHOLE, ["n", HEADS, _WIDTH, "p"]),
            f"key_steps_{layer}": (FLOAT, ["n", HEADS, 1, _WIDTH]),
            f"values_{layer}": (WHOLE, ["n", HEADS, "p", _WIDTH]),
            f"value_steps_{layer}": (FLOAT, ["n", HEADS, 1, _WIDTH]),
        }
        texts = "n" if layer else 1
        outputs |= {f"own_{kind}_{layer}": [texts, "t", HIDDEN] for kind in ("keys", "values")}
    graph.write(out / GRAPH, WEIGHTS, inputs, outputs)


def _read_alone(graph: Graph, reader: Reader, reach: Reach) -> str:
    """States [1, t, 384] as far as a text is read alone."""
    vectors = numbers(reader.words)
    steps = steps_of(vectors, 1, _MOST_OF_WORDS)
    words, scale = graph.constant(np.rint(vectors / steps), np.int8), graph.constant(steps)
    word = graph.node("Cast", graph.node("Gather", words, "ids"), to=FLOAT)
    word = graph.node("Mul", word, graph.node("Gather", scale, "ids"))
    end = graph.node("Shape", "ids", start=1, end=2)
    places = graph.node("Slice", graph.constant(numbers(reader.places)), _whole(graph, 0), end)
    states = graph.normalised(graph.node("Add", word, places), reader.first_norm)
    for layer in reader.alone:
        seen = graph.own(
            "MultiHeadAttention", *_query_key_value(graph, layer, states, reach), num_heads=HEADS
        )
        states = _step(graph, layer, states, seen, reach)
    asks = graph.node("Mul", "asks", graph.constant(numbers(reader.asks)))
    return graph.node("Add", states, asks)


def _read_together(graph: Graph, reader: Reader, states: str, reach: Reach) -> str:
    """States [n, t, 384] of the text beside each passage."""
    n, tokens = (graph.node("Shape", "mask", start=place, end=place + 1) for place in range(2))
    sizes = graph.node("Concat", tokens, graph.node("Shape", "ids", start=1, end=2), axis=0)
    by_passage = graph.node("Concat", n, _whole(graph, 1, 1, 1), axis=0)
    hidden = graph.node("Mul", _less_one(graph, "mask"), graph.constant(_HIDDEN))
    hidden = graph.node("Unsqueeze", hidden, _whole(graph, 1, 2))
    last = len(reader.together) - 1
    for number, layer in enumerate(reader.together):
        parts = _query_key_value(graph, layer, states, reach, f"own_keys_{number}", f"own_values_{number}")
        query, key, value = (_heads(graph, part) for part in parts)
        # The steps of keys go over to the query, so that keys are never widened.
        stepped = graph.node("Mul", query, f"key_steps_{number}")
        whole, step, zero = graph.nodes("DynamicQuantizeLinear", stepped, outs=["", "", ""])
        others = graph.own(
            "MatMulIntegerToFloat", whole, f"keys_{number}", step, graph.constant(_SCALE), zero
        )
        own = graph.own("FusedMatMul", query, key, transB=1, alpha=_SCALE)
        # Before it has seen a passage, the text is the same beside each.
        own = own if number else graph.node("Expand", own, by_passage)
        scores = graph.node("Concat", graph.node("Add", others, hidden), own, axis=3)
        shares = graph.node("Softmax", scores, axis=3)
        of_others, of_own = graph.nodes("Split", shares, sizes, outs=["", ""], axis=3)
        seen = graph.node("MatMul", of_others, graph.node("Cast", f"values_{number}", to=FLOAT))
        seen = graph.node("Mul", seen, f"value_steps_{number}")
        seen = graph.node("Add", seen, graph.node("MatMul", of_own, value))
        seen = graph.node("Transpose", seen, perm=[0, 2, 1, 3])
        seen = graph.node("Reshape", seen, _whole(graph, 0, 0, HIDDEN))
        states = _step(graph, layer, states, seen, reach, "own_states" if number == last else "")
    return states


def _read_off(graph: Graph, reader: Reader, states: str) -> None:
    """The logits, as `Reader.read_off` has them."""
    first = graph.node("Gather", states, graph.constant(0, np.int64), axis=1)
    others = graph.node("Cast", "states", to=FLOAT)
    unit = graph.node("LpNormalization", states, axis=-1, p=2)
    cosines = graph.own("FusedMatMul", unit, others, transB=1)
    cosines = graph.node("Div", cosines, graph.node("Unsqueeze", "lengths", _whole(graph, 1)))
    hidden = graph.node("Mul", _less_one(graph, "mask"), graph.constant(2))
    cosines = graph.node("Add", cosines, graph.node("Unsqueeze", hidden, _whole(graph, 1)))
    nearest = graph.node("ReduceMax", cosines, axes=[2], keepdims=0)
    mean = graph.node("ReduceMean", states, axes=[1], keepdims=0)
    likeness, least = (
        graph.node(kind, nearest, axes=[1], keepdims=1) for kind in ("ReduceMean", "ReduceMin")
    )
    features = graph.node("Concat", first, mean, likeness, least, axis=1)
    inner, last = (cast(nn.Linear, reader.judge[place]) for place in (0, 2))
    judged = graph.linear(graph.own("Gelu", graph.linear(features, inner)), last)
    graph.node("Squeeze", judged, _whole(graph, 1), out="logits")
    points = graph.node("Reshape", graph.linear(first, reader.point), _whole(graph, 0, 2, HIDDEN))
    points = graph.own("FusedMatMul", points, others, transB=1, alpha=1 / math.sqrt(HIDDEN))
    graph.node("Mul", points, graph.node("Unsqueeze", "state_steps", _whole(graph, 1)), out="points")


def _query_key_value(
    graph: Graph, layer: Layer, states: str, reach: Reach, key: str = "", value: str = ""
) -> list[str]:
    """Queries, keys and values, each [.., t, 384]."""
    together = graph.balanced(states, reach[layer.query], layer.query, layer.key, layer.value)
    return graph.nodes("Split", together, outs=["", key, value], axis=2)


def _heads(graph: Graph, states: str) -> str:
    """States [n, tokens, 384] by head [n, heads, tokens, 32]."""
    by_head = graph.node("Reshape", states, _whole(graph, 0, 0, HEADS, _WIDTH))
    return graph.node("Transpose", by_head, perm=[0, 2, 1, 3])


def _step(graph: Graph, layer: Layer, states: str, seen: str, reach: Reach, out: str = "") -> str:
    """The rest of a layer, after its attention. Skip and norm stay apart: fused, they take five times as long."""
    states = graph.normalised(graph.node("Add", states, graph.linear(seen, layer.out)), layer.norm)
    grown = graph.own("Gelu", graph.balanced(states, reach[layer.grow], layer.grow))
    return graph.normalised(
        graph.node("Add", states, graph.furthest_apart(grown, reach[layer.shrink], layer.shrink)),
        layer.last_norm,
        out,
    )


def _less_one(graph: Graph, mask: str) -> str:
    return graph.node("Sub", mask, graph.constant(1))


def _whole(graph: Graph, *values: int) -> str:
    return graph.constant(values, np.int64)
