"""What stands in the reader: the list of articles, or one of them at a place."""

from assistant.articles import Article, Articles
from assistant.errors import ArticleError
from assistant.messages import READER
from assistant.types import Span
from assistant.web.markup import exact
from assistant.web.places import Place, place_of
from assistant.web.reader import Mark, render_article, render_check
from assistant.web.shelf import render_shelf


def open_shelf(articles: Articles | None) -> str:
    """The list of the articles that are served; where there is but one, that one."""
    records = articles.records if articles else {}
    if articles and len(records) == 1:
        return render_article(articles.read(next(iter(records))))
    return render_shelf(records)


def open_place(articles: Articles | None, query: str) -> str:
    """The article that the query of a link names, or the list with one line that says why not."""
    place = place_of(query)
    if not place or articles is None:
        return open_shelf(articles)
    try:
        article = articles.read(place.doc_id)
    except ArticleError as error:
        return _note(str(error)) + open_shelf(articles)
    mark, note = _mark(article, place)
    return render_article(article, mark, note, several=len(articles.records) > 1)


def check_quote(articles: Articles | None, query: str) -> str:
    """The slice that a link names, read again from the article's file, or one line that says why not."""
    place = place_of(query)
    if not place or not place.span or articles is None:
        return _note(READER["no_such_place"])
    try:
        check = articles.check(place.doc_id, place.span)
    except ArticleError as error:
        return _note(str(error))
    return render_check(check, articles.records[place.doc_id].source.sha256)


def _mark(article: Article, place: Place) -> tuple[Mark | None, str]:
    """What is marked, or else why nothing is. Another text than the link was made for is not marked."""
    if not article.record.source.sha256.startswith(place.sha256):
        return None, READER["changed"]
    if place.span and article.holds(Span(*place.span)):
        return Mark(place.span, place.best), ""
    return None, "" if place.whole and not place.span else READER["no_such_place"]


def _note(words: str) -> str:
    return f'<p class="reader-note" role="status">{exact(words)}</p>'
