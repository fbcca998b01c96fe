import numpy as np
import onnxruntime
import pytest
import torch

from training.onnx_graph import FLOAT, Graph

CHANNELS = 64
FAR = (3, 40)


@pytest.fixture(scope="module")
def part():
    torch.manual_seed(4)
    return torch.nn.Linear(CHANNELS, 8)


@pytest.fixture(scope="module")
def states():
    """Of twenty tokens, whose two channels `FAR` reach a hundred times as far as the others."""
    numbers = np.random.default_rng(5).normal(size=(1, 20, CHANNELS)).astype(np.float32)
    numbers[..., FAR] *= 100
    return numbers


def run(graph, name, states, folder):
    graph.node("Identity", name, out="out")
    graph.write(
        folder / "graph.onnx", "weights.bin", {"in": (FLOAT, [1, "t", CHANNELS])}, {"out": [1, "t", 8]}
    )
    session = onnxruntime.InferenceSession(str(folder / "graph.onnx"), providers=["CPUExecutionProvider"])
    return session.run(["out"], {"in": states})[0]


def off(part, states, made):
    """The root of the mean square of what is lost."""
    with torch.no_grad():
        wanted = part(torch.from_numpy(states)).numpy()
    return float(np.sqrt(np.square(made - wanted).mean()))


def test_where_single_channels_reach_far_their_reach_is_shared_or_they_stay_apart(part, states, tmp_path):
    reach = np.abs(states).max(axis=(0, 1))
    lost = {}
    for way in ("plain", "balanced", "apart"):
        graph = Graph()
        made = {
            "plain": lambda graph=graph: graph.linear("in", part),
            "balanced": lambda graph=graph: graph.balanced("in", reach, part),
            "apart": lambda graph=graph: graph.furthest_apart("in", reach, part),
        }[way]()
        lost[way] = off(part, states, run(graph, made, states, tmp_path))
    assert lost["balanced"] < lost["plain"] / 2
    assert lost["apart"] < lost["plain"] / 10


def test_maps_side_by_side_are_each_what_they_are_alone(part, states, tmp_path):
    torch.manual_seed(6)
    other = torch.nn.Linear(CHANNELS, 8)
    graph = Graph()
    both = graph.linear("in", part, other)
    first, second = graph.nodes("Split", both, outs=["", ""], axis=2)
    del first
    alone = Graph()
    assert (
        run(graph, second, states, tmp_path) == run(alone, alone.linear("in", other), states, tmp_path)
    ).all()
