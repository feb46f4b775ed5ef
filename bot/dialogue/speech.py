"""In which language to answer."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.dialogue import phrases, showing, smalltalk
from bot.dialogue.moment import Moment
from bot.dialogue.types import Decision, Heard, Language, State

_CJK = re.compile(r"[\u3400-\u9fff]")
_WORDS = re.compile(r"[A-Za-z]{2,}")
_ALONE = frozenset({"hello", "hi", "hey", "help", "english", "thanks"})


def language_of(state: State, heard: Heard) -> Language:
    """That of the words; where they do not tell, what it was, or what the citizen's page is set to."""
    text = phrases.plain(heard.text)
    if phrases.ENGLISH.match(text):
        return "en"
    if phrases.CHINESE.match(text):
        return "zh"
    if len(_CJK.findall(text)) >= 2:
        return "zh"
    words = _WORDS.findall(text)
    if not _CJK.search(text) and (len(words) >= 3 or (words and words[0].lower() in _ALONE)):
        return "en"
    fresh = state == State() or heard.first
    return heard.language if heard.language and (fresh or not heard.text) else state.language


def switched(moment: Moment) -> Decision | None:
    """ "English" or "中文" alone: the welcome, or the open question, in that language."""
    text = phrases.plain(moment.heard.text)
    if moment.meaning.payload or not (phrases.ENGLISH.match(text) or phrases.CHINESE.match(text)):
        return None
    if moment.draft is None:
        return smalltalk.welcome(moment)
    draft = replace(moment.draft, language=moment.state.language)
    moment = moment.with_state(draft=draft)
    return smalltalk.again(moment) if showing.repeat(moment) else smalltalk.welcome(moment)
