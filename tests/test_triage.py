"""The order of outcomes, what is denied, hostile text, what a passage states, and broken rule files."""

import shutil

import pytest

from assistant.safety.cautions import states_dose, warns_about
from assistant.safety.rule_files import load_rules
from assistant.safety.rulebook import RULES_DIR, rulebook
from assistant.safety.scoring import FOLDER
from assistant.safety.second_look import second_look
from assistant.safety.triage import PRIORITY, URGENT, Triage, triage
from assistant.settings import ROOT

RULES = [rule.text for rule in rulebook().rules]
TOPICS = ("stopping", "alcohol", "opioids", "pregnancy", "driving", "children")
ARTICLE = (ROOT / "corpus" / "articles" / "clonazepam-2mg.txt").read_text(encoding="utf-8")
STOPPING = "Abruptly ceasing or significantly altering the dosage can lead to withdrawal symptoms"
AUTHORITIES = (
    "988", "Samaritans", "NHS", "WHO", "FDA", "Poison Help", "American Heart", "Red Cross", "Epilepsy Foundation",
)  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "question"), [(rule, one) for rule in rulebook().rules for one in rule.text.must_match]
)
def test_a_rule_matches_its_own_examples(rule, question):
    book = rulebook()
    assert rule.matches(book.read(book.words(question)))


@pytest.mark.parametrize(("rule", "question"), [(rule, one) for rule in RULES for one in rule.must_not_match])
def test_no_rule_of_that_outcome_matches_a_counterexample(rule, question):
    found = triage(question)
    if rule.topic:
        assert rule.topic not in found.topics
    else:
        assert rule.outcome not in found.outcomes


def test_every_rule_names_whom_it_follows():
    assert [rule.id for rule in RULES if not any(name in rule.authority for name in AUTHORITIES)] == []


def test_outcomes_come_in_order_of_priority():
    found = triage("I took all my pills because I want to die and I can't breathe. Should I take more?")
    assert found.outcomes == tuple(outcome for outcome in PRIORITY if outcome in found.outcomes)
    assert len(found.outcomes) > 1
    assert found.outcomes[0] == found.urgent == "crisis"


@pytest.mark.parametrize("question", ["What is clonazepam?", "", "???", "\x00", "\ud800"])
def test_an_ordinary_question_calls_for_nothing(question):
    assert triage(question) == Triage()


@pytest.mark.parametrize(
    "question", ["fits", "EEG", "elderly", "side effects", "precautions", "klonopin dose"]
)
def test_a_subject_that_is_looked_up_raises_no_card(question):
    assert triage(question).urgent == ""


@pytest.mark.parametrize(
    "question",
    ["I don't want to die", "I'm not suicidal", "She has never had a seizure", "I won't kill myself"],
)
def test_a_denial_raises_no_card(question):
    assert triage(question).urgent == ""


def test_one_sentence_is_enough_in_a_long_story():
    story = "I like the garden and the cat sleeps on the wall. " * 6
    assert triage(f"{story} Last night I wanted to kill myself. {story}").urgent == "crisis"


@pytest.mark.parametrize(
    ("question", "topics"),
    [
        ("Can I have a beer after tramadol?", ("alcohol", "opioids")),
        ("Is it safe in pregnancy?", ("pregnancy",)),
        ("Can I drive to work?", ("driving",)),
        ("Can my 5 year old take it?", ("children",)),
        ("How do I come off it?", ("stopping",)),
        ("What is GABA?", ()),
    ],
)
def test_topics(question, topics):
    assert triage(question).topics == topics


@pytest.mark.parametrize(
    "question",
    [
        "a " * 500,
        "s u i " * 167,
        "i want to die " * 72,
        "k1l1l1l1l1 " * 91,
        "su*cidal " * 112,
        "aaaaaaa1" * 125,
        "overdosse " * 100,
        "a.b?" * 250,
        "💊" * 1000,
        "\ufdfa" * 1000,
        "not " * 250,
        " ".join(question for rule in RULES for question in rule.must_match)[:1000],
        " ".join(pattern for rule in RULES for pattern in rule.when)[:1000],
    ],
)
def test_hostile_text_is_read_like_any_other(question):
    assert triage(question) == triage(question)
    assert set(triage(question).outcomes) <= set(PRIORITY)


def test_only_the_first_thousand_characters_are_read():
    assert triage("a " * 500 + "i want to die") == triage("a " * 500)


def test_the_second_look_is_shipped_with_thresholds_for_every_outcome():
    look = second_look()
    assert look is not None
    assert set(look.alone) == set(look.with_a_sign) == set(PRIORITY)
    assert all(look.with_a_sign[name] < look.alone[name] < 1 for name in PRIORITY)
    assert all(look.with_a_sign[name] > 0 for name in URGENT)


@pytest.mark.parametrize(
    "nonsense", ["xyzzy plugh", "hjkl hjkl hjkl", "12345 67890", "asdf qwer zxcv", "lorem ipsum dolor", "???"]
)
def test_nonsense_calls_for_nothing(nonsense):
    assert triage(nonsense) == Triage()


def test_a_long_story_is_read_to_its_end():
    story = (
        "I have been reading the leaflet of this medicine and I like to know how it works in the body. " * 9
    )
    plea = "I have written the letters and tonight I am going to end it."
    assert triage(story).outcomes == ()
    assert "crisis" in triage(story + plea).outcomes


def _lost(folder):
    (folder / "model.onnx").unlink()


def _one_bit(folder):
    """A model that would load all the same."""
    content = bytearray((folder / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "model.onnx").write_bytes(content)


def _other_threshold(folder):
    path = folder / "thresholds.json"
    path.write_text(path.read_text().replace("0.86", "0.96"))


def _unlisted(folder):
    (folder / "SHA256SUMS").write_text("")


@pytest.fixture(params=[_lost, _one_bit, _other_threshold, _unlisted])
def without_model(request, tmp_path, monkeypatch):
    """A shipped model that is damaged."""
    folder = shutil.copytree(FOLDER, tmp_path / "second_look")
    request.param(folder)
    monkeypatch.setattr("assistant.safety.second_look.FOLDER", folder)
    second_look.cache_clear()
    yield
    second_look.cache_clear()


def test_without_the_second_look_every_rule_counts_alone(without_model, caplog):
    signs = [(rule, example) for rule in RULES for example in rule.must_match if not rule.certain]
    assert len(signs) > 100
    assert [example for rule, example in signs if rule.id not in triage(example).rule_ids] == []
    assert caplog.text.count("its rules decide alone") == 1


def test_a_certain_rule_needs_no_second_look():
    certain = [rule for rule in RULES if rule.certain and rule.outcome in URGENT]
    assert certain
    for rule in certain:
        for example in rule.must_match:
            assert rule.outcome in triage(example).outcomes


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ("not toml", "rules.toml"),
        ("[words]\na = 1", "rules.toml"),
        ('[[rule]]\nid = "x.y"\noutcome = "crisis"', "rules.toml"),
        (
            '[[rule]]\nid = "x.y"\noutcome = "crisis"\nauthority = "WHO"\nwhy = "?"\nwhen = ["<none>"]\n'
            'must_match = ["a"]\nmust_not_match = ["b"]',
            "x.y",
        ),
    ],
)
def test_a_broken_rule_file_is_refused(tmp_path, table, problem):
    (tmp_path / "rules.toml").write_text(table, encoding="utf-8")
    with pytest.raises(ValueError, match=problem):
        load_rules(tmp_path)


def test_the_rules_cover_every_outcome_and_topic():
    assert len(load_rules(RULES_DIR).rules) == len(RULES)
    assert {rule.outcome for rule in RULES} == {*URGENT, "personal_decision", "high_risk"}
    assert {rule.topic for rule in RULES if rule.topic} == set(rulebook().cautions) == set(TOPICS)


def test_the_first_article_warns_about_stopping_only():
    paragraphs = ARTICLE.split("\n\n")
    warned = {topic: [one for one in paragraphs if warns_about(one, topic)] for topic in TOPICS}
    assert {topic for topic in TOPICS if warned[topic]} == {"stopping"}
    assert any(STOPPING in paragraph for paragraph in warned["stopping"])


def test_the_first_article_states_doses_in_one_paragraph():
    (stating,) = (paragraph for paragraph in ARTICLE.split("\n\n") if states_dose(paragraph))
    assert "0.5 mg, taken two times per day" in stating


def test_an_unknown_topic_is_refused():
    with pytest.raises(KeyError):
        warns_about("text", "weather")
