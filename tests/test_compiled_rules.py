"""The rules compiled beforehand are the rules as they are written, or are not used."""

import shutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.safety.compiled import COMPILED, compiled, read_compiled
from assistant.safety.rule_files import load_rules
from assistant.safety.rulebook import RULES_DIR, rulebook
from assistant.safety.triage import triage

WRITTEN = load_rules(RULES_DIR)
READ = read_compiled(RULES_DIR)
EXAMPLES = [one for rule in WRITTEN.rules for one in (*rule.text.must_match, *rule.text.must_not_match)]
WORDS = sorted({word for example in EXAMPLES for word in example.split()})


def test_the_shipped_file_is_of_the_shipped_rules():
    assert (RULES_DIR / COMPILED).read_bytes() == compiled(WRITTEN, RULES_DIR), (
        "the rules were changed: run python -m tools.compile_rules"
    )
    assert READ is not None


def test_everything_is_there():
    assert [rule.text for rule in READ.rules] == [rule.text for rule in WRITTEN.rules]
    assert READ.emoji == WRITTEN.emoji
    assert READ.shortlist == WRITTEN.shortlist
    for one, other in zip(READ.rules, WRITTEN.rules, strict=True):
        for name in ("when", "unless", "unless_anywhere"):
            pairs = zip(getattr(one, name), getattr(other, name), strict=True)
            assert all((a.source, a.needed) == (b.source, b.needed) for a, b in pairs)
    assert READ.cautions.keys() == WRITTEN.cautions.keys()


def _as_one_by_one(book, question):
    text = book.read(book.words(question))
    return [rule.text for rule in book.rules if rule.matches(text)]


@pytest.mark.parametrize("book", [READ, WRITTEN], ids=["read", "written"])
def test_the_shortlist_never_changes_which_rules_match(book):
    for example in EXAMPLES:
        expected = _as_one_by_one(WRITTEN, example)
        assert book.matching(book.read(book.words(example))) == expected
    assert sum(bool(_as_one_by_one(WRITTEN, example)) for example in EXAMPLES) > 200


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=9), max_size=25).map(" ".join))
def test_any_words_are_read_alike(question):
    words = READ.words(question)
    assert words == WRITTEN.words(question)
    assert READ.read(words) == WRITTEN.read(words)
    assert READ.matching(READ.read(words)) == _as_one_by_one(WRITTEN, question)


def _one_bit(folder):
    content = bytearray((folder / COMPILED).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / COMPILED).write_bytes(content)


def _cut_short(folder):
    content = (folder / COMPILED).read_bytes()
    (folder / COMPILED).write_bytes(content[: len(content) // 2])


def _of_another_rule(folder):
    path = folder / "poisoning.toml"
    path.write_text(path.read_text(encoding="utf-8") + "\n# A word more.\n", encoding="utf-8")


def _one_file_more(folder):
    (folder / "more.toml").write_text("[emoji]\n", encoding="utf-8")


def _no_json(folder):
    (folder / COMPILED).write_text("?", encoding="utf-8")


def _lost(folder):
    (folder / COMPILED).unlink()


@pytest.mark.parametrize("change", [_one_bit, _cut_short, _of_another_rule, _one_file_more, _no_json, _lost])
def test_what_is_altered_or_of_other_rules_is_not_used(change, tmp_path, monkeypatch):
    folder = shutil.copytree(RULES_DIR, tmp_path / "rules")
    assert read_compiled(folder) is not None
    change(folder)
    assert read_compiled(folder) is None
    monkeypatch.setattr("assistant.safety.rulebook.RULES_DIR", folder)
    rulebook.cache_clear()
    try:
        assert triage("my son swallowed the whole bottle").urgent == "poisoning"
    finally:
        rulebook.cache_clear()


def test_a_compiled_lexicon_takes_no_new_group():
    assert READ.lexicon.group("<negation>") == "negation"
    with pytest.raises(ValueError, match="does not exist"):
        READ.lexicon.group("a_group|of_nobody")
