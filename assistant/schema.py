"""The JSON contract as types: what `contract.answer_as_dict` makes, for OpenAPI and for other programs."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from assistant.questions import LONGEST_QUESTION
from assistant.types import AnswerKind


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuestionBody(_Body):
    """One question."""

    question: Annotated[
        str,
        Field(
            min_length=1,
            max_length=LONGEST_QUESTION,
            examples=["What is clonazepam used for?"],
            # Said, not checked here: the engine refuses a blank question in better words.
            json_schema_extra={"pattern": r"\S"},
        ),
    ]


class NoticeBody(_Body):
    """Fixed words that come before the passages: an urgent card, or what the reply is."""

    id: str
    text: str


class SpanBody(_Body):
    """Offsets in Unicode characters of the article's file; `end` is exclusive."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]


class SourceBody(_Body):
    """Where an article comes from; what is not known is the word `unknown`. `sha256` is its file's."""

    publisher: str
    url: str
    licence: str
    reviewed: str
    sha256: str


class HitBody(_Body):
    """A passage: an exact slice of the article's file, and its best sentence."""

    rank: Annotated[int, Field(ge=1)]
    score: float
    doc_id: str
    title: str
    heading: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: str
    highlight: SpanBody
    source: SourceBody


class AnswerBody(_Body):
    """The reply to one question. Show the notices, then the passages unchanged, then the disclaimer."""

    question: str
    kind: AnswerKind
    notices: list[NoticeBody]
    hits: list[HitBody]
    disclaimer: str
    build_id: str
    version: str


class SliceBody(_Body):
    """The passage re-read from the article's file just now. `exact`: it is what the index holds."""

    text: str
    sha256: Annotated[str, Field(description="Of the whole file as it is now.")]
    exact: bool


class PassageBody(_Body):
    """One passage of the index that is served. `slice` is null if the articles are not on this machine."""

    id: str
    doc_id: str
    title: str
    heading: str
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    text: str
    slice: SliceBody | None
    source: SourceBody
    disclaimer: str
    build_id: str
    version: str


class HealthBody(_Body):
    """What is served: `ok`, `last good index` or `emergency cards only`, and from which generation."""

    status: str
    build_id: str = ""


class ProblemBody(_Body):
    """Why there is no reply (RFC 9457). `code` is for programs and never changes; the words are fixed."""

    type: str
    title: str
    status: int
    detail: str
    code: str
