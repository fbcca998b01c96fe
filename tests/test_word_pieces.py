"""Tokenizers of equal files are read once."""

import shutil

import pytest

from assistant.reader import model as reader
from assistant.safety.scoring import FOLDER, TOKENIZER
from assistant.word_pieces import read_tokenizer, word_pieces

PATH = FOLDER / TOKENIZER
LONG = "how long " * 400


def test_equal_files_are_one_and_others_their_own(tmp_path):
    again = shutil.copy(PATH, tmp_path / "again.json")
    other = tmp_path / "other.json"
    other.write_text(PATH.read_text(encoding="utf-8") + " \n", encoding="utf-8")
    assert word_pieces(again) is word_pieces(PATH)
    assert word_pieces(other) is not word_pieces(PATH)
    assert word_pieces(other).encode(LONG).ids == word_pieces(PATH).encode(LONG).ids
    assert read_tokenizer(PATH) is not read_tokenizer(PATH)


def test_reader_and_second_look_share_theirs():
    assert word_pieces(reader.FOLDER / reader.TOKENIZER) is word_pieces(PATH)


def test_nothing_is_cut_or_padded_whatever_the_file_says(tmp_path):
    cutting = read_tokenizer(PATH)
    cutting.enable_truncation(8)
    cutting.enable_padding(length=8)
    cutting.save(str(tmp_path / "cutting.json"))
    for text in ("how long", LONG):
        assert word_pieces(tmp_path / "cutting.json").encode(text).ids == word_pieces(PATH).encode(text).ids


def test_what_is_none_or_missing_is_not_kept(tmp_path):
    with pytest.raises(OSError, match="none"):
        word_pieces(tmp_path / "none.json")
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(Exception, match="Model missing"):
        word_pieces(tmp_path / "none.json")
