"""Why a document is not brought in: each reason a word for scripts and a sentence for people."""

from assistant.errors import DocumentRefusedError

_SENTENCES = {
    "empty": "it yields no text",
    "encrypted": "it is encrypted: save a copy without a password",
    "scanned": "its pages are pictures without text: have the text recognised (OCR) first",
    "too large": "it is too large",
    "costly": "reading it took more memory or time than any article needs",
    "not a file": "it is not a regular file",
    "link": "it is a link that leads out of the folder",
    "wrong name": "it is not what its name says",
    "undecodable": "its characters cannot be decoded",
    "control characters": "it has characters that are no text",
    "overrides": "it has characters that turn the direction of reading and can change what is seen",
    "unreadable": "it cannot be read",
    "broken": "it is damaged",
    "taken": "there is an article with that id already",
    "questions": "curated questions quote words that the new text has not",
    "unknown kind": "this kind of file cannot be read: give .txt, .md, .html, .pdf or .docx",
}


def refused(reason: str, detail: str = "") -> DocumentRefusedError:
    """The error for one of the reasons; `detail` says more."""
    sentence = _SENTENCES[reason]
    return DocumentRefusedError(f"{sentence} ({detail})" if detail else sentence, reason)
