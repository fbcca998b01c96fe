"""What the encoder reads of a passage: title, heading and text, always within its limit."""

from assistant.encoder import Encoder

_SPECIAL_TOKENS = 8
"""More than any encoder puts around a text."""


class PassageContext:
    """Joins the passages of one article with its title and their headings for one encoder."""

    def __init__(self, encoder: Encoder, title: str) -> None:
        self._encoder = encoder
        self._title = title
        self._before: dict[str, str] = {}

    def text(self, heading: str, passage: str) -> str:
        """`title. heading. passage`; title and heading are shortened to a third of the encoder's limit."""
        if heading not in self._before:
            self._before[heading] = self._shortened(heading)
        return self._before[heading] + passage

    def fits(self, heading: str, passage: str) -> bool:
        """Whether the encoder reads all of the passage together with its title and heading."""
        text = self.text(heading, passage)
        # No token of ASCII text is shorter than a character: most sentences need no counting.
        if text.isascii() and len(text) + _SPECIAL_TOKENS <= self._encoder.max_tokens:
            return True
        return self._encoder.count_tokens(text) <= self._encoder.max_tokens

    def _shortened(self, heading: str) -> str:
        words = ". ".join(part for part in (self._title, heading) if part).split()
        room = self._encoder.max_tokens // 3
        while words and self._encoder.count_tokens(" ".join(words)) > room:
            words = words[: len(words) // 2]
        return f"{' '.join(words)}. " if words else ""
