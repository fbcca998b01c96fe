"""The JSON contract's text."""

import json

from assistant.contract import answer_as_dict, answer_as_json
from assistant.types import Answer, AnswerKind, Hit, Notice, Passage, Source, Span


def test_an_answer_is_its_dictionary_indented():
    passage = Passage("a", 3, 9, 'é "\n\t\u2028', "", (Span(3, 9),))
    source = Source("unknown", "https://example.org/?a=1&b=2", "CC BY 4.0", "unknown", "0" * 64)
    hit = Hit(passage, "Tïtle\\", source, 0.123456, 1, Span(3, 9))
    for answer in (
        Answer("one?", AnswerKind.FOUND, (Notice("related", "Words.\nMore."),), (hit, hit), "build"),
        Answer("two?", AnswerKind.NOT_FOUND),
    ):
        assert answer_as_json(answer) == json.dumps(answer_as_dict(answer), ensure_ascii=False, indent=2)
