"""Shows an editor which topics the passages speak of."""

from assistant.index import PassageIndex

_WORDS_SHOWN = 8


def topics_as_text(index: PassageIndex, whole: bool) -> str:
    """A line a passage with its topics and first words, if `whole`; otherwise how many have any."""
    labelled = sum(bool(passage.topics) for passage in index.passages)
    if not whole:
        return f"{labelled} of {len(index.passages)} passages have topics; build --topics lists them."
    lines = []
    for passage in index.passages:
        words = " ".join(passage.text.split()[:_WORDS_SHOWN])
        lines.append(f"{passage.passage_id}  {', '.join(passage.topics) or '(none)'}\n    {words} …")
    lines.append("To correct them, add [[article.topics]] to the article in sources.toml.")
    return "\n".join(lines)
