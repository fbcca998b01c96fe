"""The second look's graph as it ships gives the quantised model's logits to the last bit."""

import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from transformers import BertConfig, BertModel

from training.second_look_graph import write_graph
from training.train_second_look import SecondLookModel, write_quantised

WORDS, HEADS, MOST = 3000, 4, 24


@pytest.fixture(scope="module")
def quantised(tmp_path_factory):
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("second_look")
    config = BertConfig(
        vocab_size=WORDS,
        hidden_size=64,
        num_hidden_layers=3,
        num_attention_heads=HEADS,
        intermediate_size=128,
        max_position_embeddings=32,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    path = folder / "quantised.onnx"
    model = SecondLookModel(folder).eval()
    with torch.no_grad():
        for weights in model.parameters():
            # A new model's biases are all 0, which an export would keep once.
            weights.normal_(0, 0.3)
    with warnings.catch_warnings():
        # See `assistant.encoder.tracing`.
        warnings.simplefilter("ignore")
        write_quantised(model, path)
    return path


def _session(path):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def test_the_shipped_graph_gives_the_same_logits_to_the_last_bit(quantised, tmp_path):
    write_graph(quantised, tmp_path / "model.onnx", HEADS, MOST)
    old, new = _session(quantised), _session(tmp_path / "model.onnx")
    chance = np.random.default_rng(5)
    for tokens in range(2, MOST + 1):
        ids = chance.integers(0, WORDS, (1, tokens))
        [expected] = old.run(None, {"input_ids": ids, "attention_mask": np.ones_like(ids)})
        [logits] = new.run(None, {"input_ids": ids})
        assert logits.shape == (1, 4)
        assert logits.tobytes() == expected.tobytes()


def test_a_model_that_is_not_rounded_about_zero_is_refused(quantised, tmp_path):
    model = onnx.load(str(quantised))
    [shift] = [each for each in model.graph.initializer if each.name == "head.weight_Transposed_zero_point"]
    shift.CopyFrom(onnx.numpy_helper.from_array(np.ones(4, np.int8), shift.name))
    onnx.save(model, str(tmp_path / "shifted.onnx"))
    with pytest.raises(ValueError, match=r"head\.weight_Transposed is not rounded about zero"):
        write_graph(tmp_path / "shifted.onnx", tmp_path / "model.onnx", HEADS, MOST)
