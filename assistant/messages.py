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

SERVER = {
    "api": (
        "Ask trusted articles a question and get their own words, word for word. Every reply carries the "
        "disclaimer: show it. Nothing in a reply is generated."
    ),
    "busy": "Many people are asking at this moment. Please ask again in a few seconds.",
    "unavailable": (
        "The articles cannot be searched at the moment. Please try again later, or ask a doctor, "
        "pharmacist or nurse."
    ),
    "broken": "Something went wrong on our side. Please try again.",
    "invalid": (
        'Send JSON such as {"question": "What is it used for?"}: a question of 1 to 1,000 characters '
        "and nothing else."
    ),
    "no_passage": "There is no passage with this id in the index that is served.",
    "not_found": "There is nothing at this address.",
    "method": "This address cannot be used in this way.",
    "too_large": "This is too large to be read.",
    "length_required": "The length of what is sent must be said.",
    "host": "This server does not answer to this name. Its operator can name it in ASSISTANT_TRUSTED_HOSTS.",
    "not_ready": "Only the emergency cards are served.",
}
"""What the server itself says, to browsers and programs alike."""

SERVER_TITLES = {
    "busy": "Busy",
    "unavailable": "Not available",
    "broken": "Our mistake",
    "invalid": "Not understood",
    "question": "This cannot be asked",
    "no_passage": "No such passage",
    "not_found": "Not found",
    "method": "Not in this way",
    "not_ready": "Not ready",
}
"""The title of each problem that the API can reply with."""

LIBRARY = {
    "title": "Library",
    "articles": "Articles",
    "index": "Index",
    "evaluation": "Evaluation",
    "chat": "Open the chat",
    "skip": "Skip to the page",
    "pages": "Pages",
    "sign_out": "Sign out",
    # Signing in.
    "sign_in": "Sign in",
    "sign_in_token": "The token is in the address printed when the server was started.",
    "sign_in_password": "The password is the one in the server's settings.",
    "token": "Token",
    "password": "Password",
    "wrong_token": "That is not the token. It is in the address printed when the server was started.",
    "wrong_password": "That is not the password.",
    "too_many": "There were too many wrong tries. Wait a minute, then try again.",
    "signed_out": "You are signed out.",
    "printed": "Library: {address}",
    "printed_password": "Library: {address} (with the password of the settings)",
    # Errors.
    "error": "This did not work",
    "forged": "This form is too old. Go back, load the page again, and send it once more.",
    "not_found": "There is no such page here.",
    "draft_gone": "This document is no longer waiting: it was added, taken back, or lost when the server started.",
    "too_many_files": "Send at most {most} files at once.",
    "too_large": "What you sent is too large to be read.",
    "nothing_sent": "Choose a file, or paste some text.",
    "bad_date": "Write the date of the last review as 2026, 2026-05 or 2026-05-31, or leave it empty.",
    "bad_id": "A short name has only small letters, digits, dots, hyphens and underscores, and begins with a letter "
    "or digit.",
    "bad_link": "The link must begin with https:// or http://, or be left empty.",
    "no_title": "An article needs a title.",
    # Documents.
    "add": "Add documents",
    "add_hint": "Text, Markdown, HTML, PDF or Word files, up to {most} at once and {mib} MiB each. Visitors see "
    "nothing of it until you have looked at it, built the index and published it.",
    "drop": "Choose files, or drop them here",
    "chosen": "Chosen: {names}",
    "or_paste": "or paste text",
    "read": "Read",
    "reading": "Reading…",
    "refused": "{file} was refused: {message}.",
    "waiting": "Waiting for you to look at",
    "words": "{count} words",
    "replaces": "a new text for {doc_id}",
    # One draft.
    "draft_title": "Look at the text",
    "draft_intro": "This is what was read from {file}. From the moment you add it, exactly this text is what visitors "
    "are shown.",
    "text": "The text",
    "dropped": "What was left out or written otherwise",
    "dropped_none": "Nothing was left out.",
    "dropped_kind": "What",
    "dropped_text": "In the document",
    "dropped_instead": "In the text",
    "dropped_gone": "left out",
    "more": "and {count} more",
    "changes": "What changes against the present text",
    "changes_none": "The words are the same as before.",
    "facts": "What is said of it",
    "title_field": "Title",
    "about": "Medicines or conditions it is about, with commas between them",
    "publisher": "Publisher",
    "link": "Link",
    "licence": "Licence",
    "reviewed": "Last reviewed",
    "reviewed_hint": "Such as 2026, 2026-05 or 2026-05-31. Empty means not known, and is shown so.",
    "short_name": "Short name",
    "short_name_hint": "Empty: made from the file's name. It cannot be changed later.",
    "never_shown": "Never to be shown",
    "never_shown_hint": "These stretches stay in the text but no passage is taken from them.",
    "proposed": "Proposed: {why}",
    "standing": "As before",
    "more_skips": "Other stretches, copied exactly from the text, with an empty line between them",
    "lost_questions": "Drop the article's curated questions whose quote is not in the new text",
    "add_it": "Add to the articles",
    "replace_it": "Put it in the place of the present text",
    "take_back": "Do not add it",
    "added": "{doc_id} was added. Visitors see it once the index is built and published.",
    "replaced": "{doc_id} has its new text. Visitors see it once the index is built and published.",
    "unchanged": "{message}.",
    "taken_back": "The document was not added.",
    # One article.
    "from": "Taken from {file}",
    "save": "Save",
    "saved": "What is said of {doc_id} was changed. Visitors see it once the index is built and published.",
    "new_text": "Another text for this article",
    "remove": "Remove the article",
    "remove_hint": "Deletes its text and its curated questions. Visitors keep getting it until the index is built "
    "and published again.",
    "remove_sure": "Yes, delete {doc_id}",
    "removed": "{doc_id} was removed. Visitors still get it until the index is built and published.",
    "no_articles": "There is no article yet.",
    # The index.
    "serving": "Visitors are answered from",
    "serving_none": "Visitors get only the emergency cards: there is no index.",
    "serving_last": "The last good index serves, because the present one cannot be used.",
    "counts": "articles: {documents}, passages: {passages}",
    "up_to_date": "It is what the articles say now.",
    "behind": "The articles have changed since. Build, look at what changed, then publish.",
    "unreadable": "The articles cannot be built from: {error}",
    "build": "Build",
    "build_hint": "Builds a new index beside the one that serves. Visitors notice nothing until you publish it.",
    "compare": "List the evaluation's questions that would get another answer (takes about a minute)",
    "force": "Build although more than a fifth of the passages would vanish",
    "build_busy": "A build is running already. Wait until it ends.",
    "build_broken": "The build failed by a mistake of ours. The index that serves has not changed.",
    "no_encoder": "The encoder could not be opened, so nothing can be built. The server's output says why.",
    "no_evaluation": "The evaluation is not installed (requirements-dev.txt), so answers were not compared.",
    "nothing_before": "There is no other index to compare with.",
    "nothing_staged": "There is no new index waiting.",
    "changed_since": "The articles have changed since this was built. Build again, so that you publish what you have "
    "looked at.",
    "not_copied": "The new index could not be copied whole. The last good one still serves.",
    "build_failed": "Not built; the index that serves has not changed.",
    "staged": "A new index is waiting",
    "staged_hint": "It replaces the one that serves when you publish it. You can go back afterwards.",
    "what_changed": "What changed",
    "differences": "Questions of the evaluation that would get another answer",
    "publish": "Publish",
    "discard": "Do not publish",
    "published": "Published. Visitors are answered from the new index.",
    "discarded": "The new index was not published. The articles stay as they are.",
    "kept": "Indexes that are kept",
    "current": "serves now",
    "rolled_back": "gone back to",
    "damaged": "cannot be used",
    "roll_back": "Go back to this one",
    "rolled": "Visitors are answered from {build_id}, until the next one is published.",
    # The evaluation.
    "evaluation_intro": "What python -m assistant evaluate last measured on this machine, with 95% intervals.",
    "evaluation_none": "Nothing has been measured yet. Run: python -m assistant evaluate",
    "figure": "Figure",
    "value": "Value",
    "interval": "95% interval",
    "questions": "Questions",
    "measured_on": "The {part} half of {name}, index {build_id}",
    "other_index": "Measured on another index than the one that serves.",
    "plots": "Plots",
}
"""The words on the operator's pages."""

BUILD_PHASES = {
    "idle": "",
    "reading": "Reading the articles…",
    "encoding": "Encoding passages…",
    "finishing": "Recognising topics and writing the index…",
    "comparing": "Asking the evaluation's questions of both indexes…",
    "unchanged": "Nothing has changed: the index that serves is what the articles say.",
    "staged": "Built.",
    "failed": "Not built.",
}
"""One per phase of a build."""

MCP = {
    "title": "Ask the articles",
    "tool": (
        "Finds what trusted medical articles say on a question and returns their passages word for word, each "
        "with title, section, publisher, link and offsets in the article. Quote the passages exactly as they "
        "are, name their source, and show the disclaimer. If the reply says that the articles do not answer, "
        "say so and do not answer in their name. If it is urgent, show its card first."
    ),
    "question": "One question of 1 to 1,000 characters, in English, in the person's own words.",
    "not_installed": "The mcp package is not installed. Run: pip install -r requirements-mcp.txt",
}
"""What another program's assistant is told of the tool."""
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
