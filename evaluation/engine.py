"""The product behind the interface that is measured: the one file that knows how it is made and asked."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace

from assistant.answering import Assistant
from assistant.building import build_id_of
from assistant.corpus import Corpus
from assistant.encoder import Encoder, open_encoder
from assistant.encoding import encode_corpus, split_corpus
from assistant.evidence.judging import judge
from assistant.evidence.ranking import Blend
from assistant.index import PassageIndex
from assistant.questions import clean_question
from assistant.reader import reader_revision
from assistant.sentences import sentence_spans
from assistant.settings import BASE_ENCODER, read_settings
from assistant.types import Document, Passage, Source
from assistant.version import VERSION
from evaluation.encoding import RememberingEncoder
from evaluation.interface import Engine, Reply
from evaluation.judgements import Entry

_RANKED = 100
_UNKNOWN = Source("unknown", "unknown", "unknown", "unknown", "unknown")
ALWAYS_READ = 2.0
"""No sentence is so near a question: for `Blend.said`."""
# A document must have a title; a blank one adds nothing to what is encoded.
_UNTITLED = " "


@dataclass(frozen=True, slots=True)
class ProductResponder:
    """The assistant over one index."""

    build_id: str
    passages: Sequence[Passage]
    assistant: Assistant

    def reply(self, question: str, history: Sequence[str]) -> Reply:
        """What a person is told after the turns in `history`, and every candidate behind it."""
        about: tuple[str, ...] = ()
        for earlier in history:
            about = self.assistant.ask(earlier, about).about
        answer = self.assistant.ask(question, about)
        evidence = self.assistant.evidence(clean_question(question), about)
        judgement = judge(evidence)
        why = {
            **judgement.signals,
            "spelling": ", ".join(f"{change.wrong} > {change.right}" for change in evidence.query.changes),
            "lay_words": ", ".join(sorted({expansion.lay for expansion in evidence.query.expansions})),
        }
        return Reply(evidence.ranked[:_RANKED], judgement.probability, answer.kind, why)


@dataclass(frozen=True, slots=True)
class ProductEngine:
    """The assistant as it is, or with pieces left out: by `blend`, or by dropping the curated questions."""

    encoder: Encoder
    blend: Blend = Blend()
    curated: bool = True
    reader: bool = True

    @property
    def facts(self) -> Mapping[str, object]:
        """Version, encoder and settings."""
        return {
            "version": VERSION,
            "encoder": {
                "name": self.encoder.name,
                "revision": self.encoder.revision,
                "precision": self.encoder.precision,
            },
            "settings": {
                "blend": asdict(self.blend),
                "curated_questions": self.curated,
                "reader": reader_revision(self.encoder, self.reader),
            },
        }

    def over_corpus(self, corpus: Corpus) -> ProductResponder:
        """Over articles, with their curated questions unless these are left out."""
        documents = (
            corpus.documents if self.curated else [replace(each, curated=()) for each in corpus.documents]
        )
        passages = split_corpus(corpus, self.encoder)
        return self._responder(build_id_of(corpus, self.encoder, self.reader), documents, passages)

    def over_entries(self, entries: Sequence[Entry]) -> ProductResponder:
        """Over passages ready cut, each a document of its own."""
        documents = [
            Document(each.doc_id, each.title or _UNTITLED, each.text, _UNKNOWN, domain=each.domain)
            for each in entries
        ]
        return self._responder(self._name(entries), documents, [_passage(each) for each in entries])

    def _responder(
        self, build_id: str, documents: Sequence[Document], passages: Sequence[Passage]
    ) -> ProductResponder:
        index = PassageIndex.in_memory(encode_corpus(documents, passages, self.encoder))
        assistant = Assistant(index, self.encoder, blend=self.blend, reader=self.reader)
        return ProductResponder(build_id, index.passages, assistant)

    def _name(self, entries: Sequence[Entry]) -> str:
        content = [self.encoder.revision, self.encoder.precision, *map(astuple, entries)]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:16]


def configurations() -> dict[str, Callable[[], Engine]]:
    """The named engines that an ablation compares, the product as it is first; they share one encoder."""
    encoder, blend = RememberingEncoder(open_encoder(read_settings().encoder)), Blend()
    return {
        "product": lambda: ProductEngine(encoder),
        "everything read": lambda: ProductEngine(encoder, replace(blend, said=ALWAYS_READ)),
        "no reader": lambda: ProductEngine(encoder, reader=False),
        "no reader, base encoder": lambda: ProductEngine(
            RememberingEncoder(open_encoder(BASE_ENCODER)), reader=False
        ),
        "no curated questions": lambda: ProductEngine(encoder, curated=False),
        "no lay words": lambda: ProductEngine(encoder, replace(blend, lay_words=False)),
        "no lexical search": lambda: ProductEngine(encoder, replace(blend, lexical=0)),
        "no topics": lambda: ProductEngine(encoder, replace(blend, topic=0)),
        "no best sentence": lambda: ProductEngine(encoder, replace(blend, sentence=0)),
        "no passage cosine": lambda: ProductEngine(encoder, replace(blend, dense=0)),
        "passage cosine alone": lambda: ProductEngine(
            encoder,
            Blend(1, sentence=0, lexical=0, topic=0, curated=0, lay_words=False),
            curated=False,
            reader=False,
        ),
    }


def _passage(entry: Entry) -> Passage:
    sentences = tuple(sentence_spans(entry.text, 0, len(entry.text)))
    return Passage(entry.doc_id, 0, len(entry.text), entry.text, "", sentences)
