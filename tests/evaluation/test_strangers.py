from evaluation.judgements import GoldSpan, Question, QuestionSet, Role
from evaluation.strangers import strangers


def asked(name, group, role=Role.ANSWERABLE):
    return Question(name, f"{name}?", role, "all", group, (GoldSpan("d", 0, 1),))


ASKED = (
    asked("one", "a"),
    asked("two", "a"),
    asked("three", "b"),
    asked("near", "b", Role.UNANSWERABLE),
)


def test_every_article_is_asked_what_was_written_for_others_and_answers_nothing_of_it():
    found = strangers(QuestionSet("little", ASKED, {"a": [], "b": []}, ("all",), False, "0" * 64))
    assert {(each.group, each.text) for each in found.questions} == {
        ("a", "three?"),
        ("b", "one?"),
        ("b", "two?"),
    }
    assert {each.role for each in found.questions} == {Role.OTHER_SUBJECT}
    assert not any(each.gold for each in found.questions)
    assert len({each.question_id for each in found.questions}) == 3


def test_only_so_many_are_drawn_and_the_same_every_time():
    little = QuestionSet("little", ASKED, {"a": [], "b": []}, ("all",), False, "0" * 64)
    assert len(strangers(little, each=1).questions) == 2
    assert strangers(little, each=1) == strangers(little, each=1)
