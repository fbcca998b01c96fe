"""What the encoder reads of a passage: title, heading and text, always within its limit."""

from dataclasses import dataclass

from assistant.encoder import Encoder


@dataclass(frozen=True, slots=True)
class PassageContext:
    """Joins a passage with its article's title and its heading for one encoder."""

    encoder: Encoder
    title: str

    def text(self, heading: str, passage: str) -> str:
        """`title. heading. passage`; title and heading are shortened to a third of the encoder's limit."""
        words = ". ".join(part for part in (self.title, heading) if part).split()
        room = self.encoder.max_tokens // 3
        while words and self.encoder.count_tokens(" ".join(words)) > room:
            words = words[: len(words) // 2]
        context = " ".join(words)
        return f"{context}. {passage}" if context else passage

    def fits(self, heading: str, passage: str) -> bool:
        """Whether the encoder reads all of the passage together with its title and heading."""
        return self.encoder.count_tokens(self.text(heading, passage)) <= self.encoder.max_tokens
