"""The bundled encoder, verified before it is loaded; others by folder or cached name."""

from pathlib import Path

import numpy as np
import pytest

from assistant.encoder import bundled_folder, models, open_encoder, verify_bundled
from assistant.errors import EncoderError
from assistant.evidence.context import PassageContext
from assistant.splitter import split
from assistant.types import Document, Source

UNKNOWN = Source("unknown", "unknown", "unknown", "unknown", "0" * 64)


NO_COPY = ()


@pytest.fixture(scope="module")
def tuned():
    """The reference: sentence-transformers."""
    return open_encoder("tuned", NO_COPY)


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """The bundled encoder's files under another name."""
    folder = tmp_path / "my-model"
    for path in bundled_folder().rglob("*"):
        if path.is_file():
            link = folder / path.relative_to(bundled_folder())
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path)
    return folder


def test_the_bundled_files_are_the_upstream_files(linked):
    verify_bundled(bundled_folder())
    verify_bundled(linked)


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "1_Pooling/config.json"])
def test_an_altered_or_missing_file_is_refused_before_it_is_loaded(linked, name):
    (linked / name).unlink()
    with pytest.raises(EncoderError, match=r"is missing or altered\. Run: pip install --force-reinstall"):
        verify_bundled(linked)
    (linked / name).write_bytes(b"{}")
    with pytest.raises(EncoderError, match="is missing or altered"):
        verify_bundled(linked)


def test_an_altered_adapter_is_refused(tmp_path, monkeypatch):
    altered = tmp_path / "adapter.safetensors"
    altered.write_bytes(b"not the adapter")
    monkeypatch.setattr(models, "_ADAPTER", altered)
    with pytest.raises(EncoderError, match="adapter .* is missing or altered"):
        open_encoder("tuned", NO_COPY)
    assert open_encoder("base", NO_COPY).name == "all-MiniLM-L6-v2"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no-such-model", "There is no encoder 'no-such-model'"),
        ("/no/such/folder", "There is no encoder '/no/such/folder'"),
        ("someone/some-model", "is not on this machine, and nothing is downloaded"),
    ],
)
def test_what_is_no_encoder_on_this_machine(name, words):
    with pytest.raises(EncoderError, match=words):
        open_encoder(name)


def test_a_folder_that_is_no_model(tmp_path):
    with pytest.raises(EncoderError, match="cannot be loaded"):
        open_encoder(str(tmp_path), NO_COPY).encode_queries(["why"])


def test_another_model_by_its_folder(linked):
    other, base = open_encoder(str(linked), NO_COPY), open_encoder("base", NO_COPY)
    assert (other.name, other.revision) == ("my-model", base.revision)
    assert np.array_equal(other.encode_queries(["why"]), base.encode_queries(["why"]))


def test_rows_are_unit_float32_and_the_same_every_time(tuned):
    rows = tuned.encode_passages(["Given for fits.", "", "word " * 1000])
    assert (rows.shape, rows.dtype) == ((3, 384), np.float32)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    query = tuned.encode_queries(["what is it for"])
    assert np.array_equal(tuned.encode_queries(["a", "what is it for"])[1], query[0])
    assert tuned.encode_queries([]).shape == (0, 384)


def test_the_adapter_is_merged(tuned):
    base = open_encoder("base", NO_COPY)
    assert base.revision != tuned.revision
    assert not np.allclose(base.encode_queries(["fits"]), tuned.encode_queries(["fits"]), atol=0.01)


def test_no_passage_exceeds_the_real_limit_with_title_and_heading(tuned):
    heading = "A rather long heading about effects"
    sentence = "Benzodiazepines enhance gamma-aminobutyric acid, said Dr. Nguyễn of Łódź in 2020. "
    text = f"# {heading}\n\n" + sentence * 40 + "\n\n" + "x" * 3000 + "\n\n" + "長" * 900
    document = Document("long", "A title of some length about a medicine " * 3, text, UNKNOWN)
    context = PassageContext(tuned, document.title)
    passages = split(document, context.fits)
    lengths = [tuned.count_tokens(context.text(passage.heading, passage.text)) for passage in passages]
    assert max(lengths) <= tuned.max_tokens == 256
    assert "".join("".join(p.text for p in passages).split()) == "".join(text.split("\n", 1)[1].split())


@pytest.mark.parametrize("mark", [".", "9 ", "\u00e9", "\u4e2d", "\U0001f600", "word "])
def test_a_text_fits_exactly_if_all_its_tokens_do(tuned, mark):
    """Counting is left out only where it cannot matter: a character of ASCII can be a token, and is no two."""
    context = PassageContext(tuned, "Title")
    lengths = range(tuned.max_tokens - 20, tuned.max_tokens + 20, 3)
    fits = [context.fits("Heading", mark * length) for length in lengths]
    counted = [
        tuned.count_tokens(f"Title. Heading. {mark * length}") <= tuned.max_tokens for length in lengths
    ]
    assert fits == counted
    assert context.fits("Heading", mark)
