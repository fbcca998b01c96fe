"""The exported copy: proven equal to sentence-transformers, refused when it is not, and used without torch."""

import hashlib
import json
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answering import Assistant
from assistant.building import build_index
from assistant.corpus import read_corpus
from assistant.encoder import FLOAT32, INT8, export, find_model, open_encoder, prepare_encoder
from assistant.encoder.batching import batches, in_order, length_sorted
from assistant.encoder.copies import (
    EIGHT_BITS,
    FILES,
    RECORD,
    TOKENIZER,
    folder_of,
    hashes_of,
    read_copy,
    record_copy,
)
from assistant.encoder.eight_bits import write_graph_in_eight_bits
from assistant.encoder.exported import LEAST_COSINE, ExportedEncoder
from assistant.encoder.exporting import example_questions, prove_eight_bits
from assistant.encoder.proving import LEAST_EXACT_COSINE, TEXTS, least_cosine, least_cosine_in_eight_bits
from assistant.encoder.reference import SentenceTransformerEncoder
from assistant.errors import EncoderError
from assistant.index import PassageIndex
from assistant.settings import ROOT, Settings

QUESTIONS = [
    "What is it used for?",
    "can i drink on it",
    "how do i stop",
    "does it cause weight gain",
    "price",
]


@pytest.fixture(scope="module")
def reference():
    return SentenceTransformerEncoder(find_model("tuned"))


@pytest.fixture
def linked(exported: Path, tmp_path: Path) -> Path:
    """The copy again, in a folder whose files a test may replace."""
    folder = tmp_path / exported.name
    folder.mkdir()
    for name in (*FILES, EIGHT_BITS, RECORD):
        (folder / name).symlink_to(exported / name)
    return folder


def rerecorded(folder: Path, **facts: object) -> Path:
    """The copy with another record, its checksum in order."""
    body = json.loads((folder / RECORD).read_text(encoding="ascii"))
    del body["checksum"]
    (folder / RECORD).unlink()
    from assistant.encoder.copies import Copy

    record_copy(folder, Copy(**{**body, **facts}))
    return folder


def test_the_copy_is_the_encoder(exported, reference):
    copy = ExportedEncoder(exported, exact=True)
    assert (copy.name, copy.revision) == (reference.name, reference.revision)
    assert (copy.dim, copy.max_tokens) == (reference.dim, reference.max_tokens) == (384, 256)
    assert LEAST_EXACT_COSINE <= least_cosine(reference, copy) <= 1
    rows, expected = copy.encode_passages(TEXTS), reference.encode_passages(TEXTS)
    assert (rows.shape, rows.dtype) == (expected.shape, np.float32)
    assert np.abs(rows - expected).max() < 1e-6
    assert copy.encode_queries([]).shape == copy.encode_passages([]).shape == (0, 384)


def test_the_longest_text_is_cut_as_the_encoder_cuts_it(exported, reference):
    copy, text = ExportedEncoder(exported), "flumazenil reverses it " * 500
    assert len(copy.token_ids(text)) == 256
    assert copy.token_ids(text) == reference.token_ids(text)
    assert copy.count_tokens(text) == reference.count_tokens(text) > 256


@pytest.mark.parametrize(("exact", "off"), [(False, 0), (True, 1e-6)], ids=["eight bits", "32 bits"])
def test_a_row_does_not_depend_on_what_is_beside_it(exported, exact, off):
    encoder = ExportedEncoder(exported, exact)
    texts, told = [*TEXTS, *(f"Passage {n}. " + "word " * n for n in range(60))], []
    rows = encoder.encode_passages(texts, told.append)
    assert sum(told) == len(texts)
    assert np.array_equal(encoder.encode_passages(texts), rows)
    assert np.abs(encoder.encode_passages(texts[::-1])[::-1] - rows).max() <= off
    assert np.abs(encoder.encode_queries(texts) - rows).max() <= off
    alone = encoder.encode_queries(["what is it for"])
    assert np.array_equal(encoder.encode_queries(["a longer one, before it", "what is it for"])[1:], alone)


def test_vectors_in_eight_bits_are_near_those_in_32(exported):
    quick, exact = ExportedEncoder(exported), ExportedEncoder(exported, exact=True)
    assert (quick.exact, exact.exact) == (False, True)
    assert (quick.precision, exact.precision) == (INT8, FLOAT32)
    recorded = read_copy(exported).least_cosine_in_eight_bits
    assert LEAST_COSINE <= recorded == least_cosine_in_eight_bits(exact, quick) < 1
    [corpus] = read_corpus(ROOT / "corpus").documents
    own = [
        "does it cause weight gain",
        "My father is 81. Is half a tablet at night too much for him?",
        "fits",
        *(part for part in corpus.text.split("\n") if part.strip()),
    ]
    cosines = np.einsum("ij,ij->i", quick.encode_passages(own), exact.encode_passages(own))
    assert cosines.min() >= LEAST_COSINE


def test_vectors_of_another_graph_have_another_name():
    """The graph in eight bits depends on these questions: with others, `INT8` and `EXPORTER` get other numbers."""
    digest = hashlib.sha256("\n".join(example_questions()).encode()).hexdigest()
    assert (INT8, digest[:12]) == ("int8-1", "89a011e0a257")


def test_where_eight_bits_go_wrong_texts_are_encoded_in_32(linked, caplog):
    exact = ExportedEncoder(linked, exact=True)
    [other] = exact.encode_queries(["who won the match"]).tolist()
    encoder = ExportedEncoder(rerecorded(linked, probe=other))
    assert encoder.precision == FLOAT32
    assert np.array_equal(encoder.encode_queries(QUESTIONS), exact.encode_queries(QUESTIONS))
    assert np.array_equal(encoder.encode_passages(QUESTIONS), exact.encode_passages(QUESTIONS))
    [record] = caplog.records
    assert record.getMessage().startswith("Eight bits are not exact enough on this processor")


def test_a_copy_without_a_graph_in_eight_bits_is_exact(linked, exported):
    files = {name: sha256 for name, sha256 in read_copy(exported).files.items() if name in FILES}
    encoder = ExportedEncoder(rerecorded(linked, files=files))
    assert encoder.exact
    assert np.array_equal(
        encoder.encode_queries(QUESTIONS), ExportedEncoder(exported, exact=True).encode_queries(QUESTIONS)
    )


def blind_graph() -> bytes:
    """A graph that gives each text the same vector."""
    from onnx import TensorProto, helper, numpy_helper

    inputs = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["texts", "tokens"])
        for name in ("input_ids", "attention_mask")
    ]
    nodes = [
        helper.make_node("ReduceMax", ["attention_mask"], ["ones"], axes=[1]),
        helper.make_node("Cast", ["ones"], ["column"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["column", "row"], ["vectors"]),
    ]
    row = numpy_helper.from_array(np.full((1, 384), 384**-0.5, np.float32), "row")
    output = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", 384])
    graph = helper.make_graph(nodes, "blind", inputs, [output], [row])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model.SerializeToString()


@pytest.mark.parametrize(
    ("graph", "reason"),
    [
        (blind_graph, r"the probe is not near enough in eight bits"),
        (lambda: b"no graph", r"The exported encoder .* cannot be run.*"),
    ],
    ids=["blind", "no graph"],
)
def test_a_graph_in_eight_bits_without_its_proof_is_left_out_alone(linked, caplog, graph, reason):
    (linked / EIGHT_BITS).unlink()
    (linked / EIGHT_BITS).write_bytes(graph())
    rerecorded(linked, files=hashes_of(linked), probe=(), least_cosine_in_eight_bits=0.0)
    with caplog.at_level(logging.INFO):
        prove_eight_bits(ExportedEncoder(linked, exact=True))
    last = caplog.records[-1].getMessage()
    assert re.fullmatch(rf"all-MiniLM-L6-v2-tuned: texts stay in 32 bits \({reason}\)\.", last)
    copy = read_copy(linked)
    assert (set(copy.files), list(copy.probe), copy.least_cosine_in_eight_bits) == (set(FILES), [], 0.0)
    assert not (linked / EIGHT_BITS).exists()
    assert ExportedEncoder(linked).exact


def test_a_model_without_kinds_of_tokens_is_exported_without_a_graph_in_eight_bits(tmp_path, caplog):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import AutoTokenizer, DistilBertConfig, DistilBertModel

    tokenizer = AutoTokenizer.from_pretrained(find_model("base").folder)
    config = DistilBertConfig(vocab_size=len(tokenizer), dim=32, n_heads=2, n_layers=1, hidden_dim=64)
    for part in (tokenizer, DistilBertModel(config)):
        part.save_pretrained(tmp_path / "transformer")
    parts = [Transformer(str(tmp_path / "transformer")), Pooling(32)]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "own"), create_model_card=False)
    with caplog.at_level(logging.INFO):
        encoder = ExportedEncoder(export(find_model(str(tmp_path / "own")), tmp_path / "cache"))
    assert (encoder.exact, encoder.dim) == (True, 32)
    assert "own: texts stay in 32 bits (its tokens are of no kinds)." in caplog.messages


@pytest.mark.parametrize(
    ("pooling", "last"),
    [
        ("mean", ["LayerNormalization", "ReduceSum", "LpNormalization"]),
        ("cls", ["Clip", "Shape", "Expand", "Div"]),
    ],
)
def test_eight_bits_are_pooled_as_the_model_pools_them(tmp_path, pooling, last):
    import torch
    from onnx import load
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import AutoTokenizer, BertConfig, BertModel

    tokenizer = AutoTokenizer.from_pretrained(find_model("base").folder)
    torch.manual_seed(0)
    sizes = {"hidden_size": 64, "num_attention_heads": 2, "num_hidden_layers": 2, "intermediate_size": 256}
    for part in (tokenizer, BertModel(BertConfig(vocab_size=len(tokenizer), **sizes))):
        part.save_pretrained(tmp_path / "transformer")
    parts = [Transformer(str(tmp_path / "transformer")), Pooling(64, pooling_mode=pooling)]
    SentenceTransformer(modules=parts, device="cpu").save(str(tmp_path / "own"), create_model_card=False)
    folder = export(find_model(str(tmp_path / "own")), tmp_path / "cache")
    quick, exact = ExportedEncoder(folder), ExportedEncoder(folder, exact=True)
    assert quick.precision == INT8
    assert least_cosine_in_eight_bits(exact, quick) >= LEAST_COSINE
    nodes = load(folder / EIGHT_BITS).graph.node
    assert [node.op_type for node in nodes][-len(last) :] == last


def test_a_transformer_of_another_shape_gets_no_graph_in_eight_bits(tmp_path):
    from onnx import TensorProto, helper, save

    values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in ("input", "output")]
    graph = helper.make_graph(
        [helper.make_node("Relu", ["input"], ["output"])], "other", values[:1], values[1:]
    )
    save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), str(tmp_path / "traced.onnx"))
    with pytest.raises(ValueError, match="not of BERT's shape"):
        write_graph_in_eight_bits(tmp_path / "traced.onnx", tmp_path / "out.onnx", 12, 384, [])
    assert not (tmp_path / "out.onnx").exists()


@given(st.lists(st.integers(1, 300)), st.integers(1, 600))
def test_batches_hold_every_text_once_and_no_more_than_they_may(lengths, most):
    planned = list(batches(lengths, most))
    assert sorted(place for batch in planned for place in batch) == list(range(len(lengths)))
    for batch in planned:
        assert len(batch) == 1 or len(batch) * max(lengths[place] for place in batch) <= most
    longest = [lengths[place] for batch in planned for place in batch]
    assert longest == sorted(longest, reverse=True)


@given(st.lists(st.integers(0, 9), min_size=1))
def test_rows_go_back_to_their_places(lengths):
    order = length_sorted(lengths)
    rows = np.array([[lengths[place], place] for place in order], np.float32)
    assert in_order(rows, order).tolist() == [[length, place] for place, length in enumerate(lengths)]


def test_it_is_found_by_the_settings_and_needs_no_second_export(exported, tmp_path):
    assert isinstance(open_encoder(), ExportedEncoder)
    assert isinstance(open_encoder("tuned", ()), SentenceTransformerEncoder)
    assert isinstance(open_encoder(str(exported), ()), ExportedEncoder)
    written = (exported / RECORD).stat().st_mtime_ns
    assert export(find_model("tuned"), exported.parent) == exported
    assert (exported / RECORD).stat().st_mtime_ns == written
    settings = Settings(encoder_runtime="sentence-transformers", encoder_cache=exported.parent)
    assert isinstance(prepare_encoder(settings), SentenceTransformerEncoder)
    for runtime, exact in (("auto", False), ("float32", True)):
        settings = Settings(encoder_runtime=runtime, encoder_cache=exported.parent, index_dir=tmp_path)
        found = prepare_encoder(settings)
        assert isinstance(found, ExportedEncoder)
        assert found.exact is exact


def alter(path: Path) -> None:
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[:-2] + b"x" + content[-1:])


REFUSED = r"cannot be used: .*\. Run: python -m assistant export"


@pytest.mark.parametrize("name", [EIGHT_BITS, TOKENIZER, RECORD])
def test_an_altered_copy_is_refused_and_sentence_transformers_used(linked, caplog, name):
    alter(linked / name)
    with pytest.raises(EncoderError, match=REFUSED):
        ExportedEncoder(linked)
    assert isinstance(open_encoder("tuned", [linked.parent]), SentenceTransformerEncoder)
    [record] = caplog.records
    assert record.getMessage().endswith("sentence-transformers is used instead, which is slower.")
    assert "\n" not in record.getMessage()


@pytest.mark.parametrize("name", FILES)
def test_what_only_32_bits_need_is_verified_before_it_is_read(linked, name):
    alter(linked / name)
    with pytest.raises(EncoderError, match=REFUSED):
        ExportedEncoder(linked).verify()
    with pytest.raises(EncoderError, match=REFUSED):
        ExportedEncoder(linked, exact=True)
    if name != TOKENIZER:
        assert ExportedEncoder(linked).encode_passages(["why"]).shape == (1, 384)
        too_far = ExportedEncoder(rerecorded(linked, probe=[0.0] * 384))
        with pytest.raises(EncoderError, match=REFUSED):
            too_far.encode_queries(["why"])


def test_a_copy_of_other_weights_is_no_proof(exported):
    base = SentenceTransformerEncoder(find_model("base"))
    with pytest.raises(EncoderError, match=r"not equal to it: a cosine of 0\.\d+ with its own vectors"):
        least_cosine(base, ExportedEncoder(exported, exact=True))


def test_a_copy_that_cuts_elsewhere_is_no_proof(linked, reference):
    with pytest.raises(EncoderError, match=r"not equal to it: the tokens of 'The medicine is taken"):
        least_cosine(reference, ExportedEncoder(rerecorded(linked, max_tokens=200), exact=True))


def test_a_copy_by_another_exporter_is_refused(linked):
    with pytest.raises(EncoderError, match="altered or is of another version"):
        ExportedEncoder(rerecorded(linked, exporter=0))


def test_a_model_that_cannot_be_exported_falls_back_with_one_line(tmp_path, caplog):
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import StaticEmbedding
    from tokenizers import Tokenizer

    folder = tmp_path / "static"
    tokenizer = Tokenizer.from_file(str(find_model("base").folder / "tokenizer.json"))
    weights = np.random.default_rng(1).standard_normal((tokenizer.get_vocab_size(), 8), np.float32)
    model = SentenceTransformer(modules=[StaticEmbedding(tokenizer, weights)], device="cpu")
    model.save(str(folder), create_model_card=False)
    cache = tmp_path / "cache"
    settings = Settings(encoder=str(folder), encoder_cache=cache, index_dir=tmp_path / "index")
    encoder = prepare_encoder(settings)
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder.encode_queries(["why"]).shape == (1, 8)
    [record] = caplog.records
    assert "cannot be exported" in record.getMessage()
    assert "\n" not in record.getMessage()
    assert [path for path in cache.iterdir() if path.is_dir()] == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    place = tmp_path / "file"
    place.write_text("in the way")
    with pytest.raises(EncoderError, match="could not be written to .* Set ASSISTANT_ENCODER_CACHE"):
        export(find_model("tuned"), place)


@pytest.mark.parametrize("made_in", [FLOAT32, INT8])
def test_an_index_made_by_one_runtime_is_asked_with_the_others(exported, reference, tmp_path, made_in):
    quick, exact = ExportedEncoder(exported), ExportedEncoder(exported, exact=True)
    build_index(read_corpus(ROOT / "corpus"), reference if made_in == FLOAT32 else quick, tmp_path)
    index = PassageIndex.open(tmp_path)
    assert index.manifest is not None
    assert index.manifest.encoder.precision == made_in
    slow, fast = Assistant(index, reference), Assistant(index, exact)
    for question in QUESTIONS:
        expected, found = slow.ask(question), fast.ask(question)
        assert found.kind == expected.kind
        assert [hit.passage for hit in found.hits] == [hit.passage for hit in expected.hits]
        assert [hit.score for hit in found.hits] == pytest.approx(
            [hit.score for hit in expected.hits], abs=1e-5
        )
        nearly = Assistant(index, quick).ask(question)
        assert [hit.passage for hit in nearly.hits[:1]] == [hit.passage for hit in expected.hits[:1]]


ASK = "from assistant.cli import main; main(['ask', 'What is it used for?'], standalone_mode=False)"
SERVE = """
from assistant.settings import read_settings
from assistant.serving import open_live
from assistant.web.server import create_app
live = open_live(read_settings(), None, print)
create_app(live, live.health)
assert live.ask('What is it used for?').hits
"""
HEAVY = {"torch", "transformers", "sentence_transformers", "sklearn", "onnx"}
LATE = {"bm25s", "scipy", "pydantic_settings", "faiss", "gradio"}
"""Before the first answer there is no time for these."""


@pytest.mark.parametrize(("code", "heavy"), [(ASK, HEAVY | LATE), (SERVE, HEAVY)], ids=["ask", "serve"])
def test_asking_and_serving_load_no_torch(real_index_dir, exported, code, heavy):
    code += f"\nimport sys; print('LOADED', sorted({{n.split('.')[0] for n in sys.modules}} & {heavy}))"
    environment = {
        **os.environ,
        "ASSISTANT_INDEX_DIR": str(real_index_dir),
        "ASSISTANT_ENCODER_CACHE": str(exported.parent),
    }
    run = [sys.executable, "-c", code]
    result = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, check=True, text=True)
    assert result.stdout.splitlines()[-1] == "LOADED []"


def test_the_folders_name_tells_model_and_exporter(exported):
    tuned, base = find_model("tuned"), find_model("base")
    assert folder_of(tuned.identity, exported.parent) == exported
    assert folder_of(base.identity, exported.parent) != exported
