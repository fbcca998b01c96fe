"""Every sentence the product says to a person about an answer, in its own voice.

Nothing here is health information. Passages come from the articles; all other words in a reply come
from this file, and none of them is put together at run time except by filling a named blank.
"""

DISCLAIMER = (
    "These are word-for-word extracts from published articles, for general information only. "
    "They are not medical advice and may not apply to you. Do not start, stop or change a medicine "
    "because of them: ask your doctor or pharmacist. In an emergency, call your local emergency number."
)

TITLE = "Ask the articles"
INTRODUCTION = "Type a question. You get the articles' own words, never anything made up."

FOUND_INTRODUCTION = "The articles say:"

NOTICES = {
    "not_covered": "These articles are about {subjects}. They do not cover {uncovered}.",
    "partly_covered": (
        "These articles are about {subjects}. They do not cover {uncovered}: "
        "what follows is only about {subjects}."
    ),
    "about": "About: {subjects} (kept from your question before)",
    "missing": "Nothing here mentions: {missing}.",
    "silent": "As far as this assistant can tell, the articles say nothing about: {topics}.",
    "related": "The articles do not seem to answer this. The closest passages:",
    "not_found": (
        "These articles do not answer that. Try other words, or ask a doctor, pharmacist or nurse."
    ),
}

ONLY_ENGLISH = (
    "This assistant understands only English. Your question looks like another language, so nothing was looked "
    "up."
)
IN_EMERGENCY = "In an emergency, call:"

ONLY_ENGLISH_IN = {
    "ar": "هذا المساعد يفهم الإنجليزية فقط.",
    "de": "Dieser Assistent versteht nur Englisch.",
    "el": "Αυτός ο βοηθός καταλαβαίνει μόνο αγγλικά.",
    "es": "Este asistente solo entiende inglés.",
    "fr": "Cet assistant ne comprend que l'anglais.",
    "he": "העוזר הזה מבין אנגלית בלבד.",
    "hi": "यह सहायक केवल अंग्रेज़ी समझता है।",
    "it": "Questo assistente capisce solo l'inglese.",
    "ja": "このアシスタントは英語しか理解できません。",
    "ko": "이 도우미는 영어만 이해합니다.",
    "nl": "Deze assistent begrijpt alleen Engels.",
    "pl": "Ten asystent rozumie tylko język angielski.",
    "pt": "Este assistente só entende inglês.",
    "ru": "Этот помощник понимает только английский язык.",
    "sv": "Den här assistenten förstår bara engelska.",
    "tr": "Bu asistan yalnızca İngilizce anlar.",
    "uk": "Цей помічник розуміє лише англійську мову.",
    "zh": "本助手只懂英文。",
}
"""That only English is understood, in the language of a question that is not English."""

UNKNOWN = "not stated"
"""Shown wherever the publisher, link, licence or review date of an article is unknown."""

KIND_LABELS = {
    "FOUND": "Found in the articles",
    "RELATED": "Closest passages, not an answer",
    "NOT_COVERED": "Not covered by these articles",
    "NOT_FOUND": "No answer in these articles",
    "URGENT": "Get help now",
}
"""One per `AnswerKind`: says in words what the colour of a reply says."""

WEB = {
    "question_label": "Your question",
    "question_placeholder": "Type your question here",
    "send": "Ask",
    "stop": "Stop",
    "clear": "Clear conversation",
    "retry": "Ask again",
    "skip": "Skip to your question",
    "see_articles": "See the articles",
    "larger": "Larger text",
    "examples": "Questions these articles answer",
    "follow_ups": "You could ask next",
    "transcript": "Conversation",
    "you_asked": "You asked",
    "change": "Change",
    "change_question": "Change this question",
    "busy": "Looking in the articles…",
    "stopped": "Stopped. Your question is still in the box.",
    "no_reply": "No reply came. Your question is still in the box: ask it again in a moment.",
    "said": "{kind}. Passages shown: {count}.",
    "best": "The sentence closest to your question is highlighted.",
    "feedback": "Was this reply of use?",
    "feedback_helped": "This helped",
    "feedback_wrong_passage": "Wrong passage",
    "feedback_not_answered": "Did not answer",
    "feedback_stored": (
        "If you press one, this server stores your question, which passages were shown, what you pressed and the "
        "time. It does not store your address or who you are."
    ),
    "feedback_thanks": "Thank you. It was stored.",
    "feedback_lost": "It could not be stored.",
    "publisher": "Publisher",
    "link": "Link",
    "licence": "Licence",
    "reviewed": "Reviewed",
    "section": "Section",
    "see_source": "See it in the article",
    "copy": "Copy with citation",
    "check": "Check this quote",
    "copied": "Copied",
    "not_copied": "Your browser did not allow copying.",
    "broken": "Something went wrong on our side and your question was not answered. Please ask it again.",
    "address": "Open {address} in a browser. Stop with Ctrl+C.",
    "port_taken": (
        "Cannot listen on {host} port {port}: {reason}. Set ASSISTANT_PORT to a free port and start again."
    ),
}
"""The words on the web page around the replies."""

READER = {
    "articles": "The articles",
    "introduction": "Everything that is shown comes from these articles. Open one to read it whole.",
    "none": "No article can be read at the moment.",
    "search": "Find an article",
    "search_none": "No article has these words in its title, subject or publisher.",
    "all": "All articles",
    "contents": "Contents",
    "subjects": "About",
    "shown_from": "Start of the passage that was shown.",
    "shown_to": "End of the passage that was shown.",
    "left_out": "[left out: a caption or the like, not the article's own words]",
    "copy_link": "Copy link",
    "back": "Back to the answer",
    "file": "File",
    "file_sha256": "SHA-256 of the file",
    "quote_sha256": "SHA-256 of these characters",
    "indexed_sha256": "SHA-256 when the article was indexed",
    "characters": "Characters",
    "range": "{start} to {end}",
    "quote_same": "Read again from the file just now: these are the article's own characters.",
    "quote_changed": "The article's file has changed since it was indexed. It now says at this place:",
    "page_same": "The words on this page have the same SHA-256.",
    "page_other": "The words on this page are not the same.",
    "passages_only": (
        "The article's file is not here, or was changed after it was indexed. These are the passages as they "
        "were indexed."
    ),
    "changed": (
        "The article has changed since this link was made, so no passage is marked. Ask your question again "
        "to see what the article says now."
    ),
    "no_such_article": "There is no such article here. It may have been taken out, or the link is not whole.",
    "no_such_place": "This place is not in the article. The link is not whole, or the article has changed.",
    "unreadable": "The article's file cannot be read at the moment.",
}
"""The words around an article that is read whole."""
