"""What a message asks, without the courtesies and the story around it.

Both scores compare whole texts, so "您好，我是幸福里的住户……" around a question would drown it. Short
messages stay whole: their first sentence often names the matter of the second.
"""

from __future__ import annotations

import re

from bot.dialogue.phrases import QUESTION
from bot.safety import normalised

SHORT = 40  # characters up to which a message stays whole
LEAST = 12  # a question shorter than this needs the sentence before it
MOST = 100  # time to embed grows with length

_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_CLAUSE = re.compile(r"[^,。!?;:\n]+[,。!?;:\n]*")
_COURTESY = re.compile(
    r"(?:(?:你|您|大家|领导|同志|老师|客服|各位)*好[呀啊]?|喂|在吗|hello|hi|打扰(?:了|一下)"
    r"|我?(?:是|在|住|家住).{1,20}(?:居民|住户|业主|市民|村民|人)|我(?:姓|叫).{1,4}"
    r"|(?:请|麻烦|劳驾|希望|盼|望).{0,12}(?:回复|答复|解答|帮忙|帮助|告知|告诉我?).{0,10}"
    r"|.{0,6}(?:谢谢|感谢|多谢|辛苦|麻烦(?:你|您)).{0,10}|thanks?.{0,10}|thank you.{0,10}"
    r"|(?:我|就)?(?:是)?(?:想|要)(?:咨询|问|了解|请教)(?:一?下|个问题|个事|件事)*"
    r"|(?:麻烦|请|咨询)?(?:你|您)?(?:问|请问|咨询)(?:一?下|个问题|个事|件事)*)"
)
_LEAD = re.compile(
    r"^(?:你好|您好|麻烦|请问|问一?下|请教|咨询|一下|我?就?是?(?:想|要)(?:问|咨询|了解|请教|知道)|[,:。! ])+"
)


def asked(text: str) -> str:
    """Normalised, at most `MOST` characters; empty only when the text is."""
    whole = normalised(text.strip())
    bare = "".join(c for c in _CLAUSE.findall(whole) if not _COURTESY.fullmatch(c.strip(" ,。!?;:\n")))
    told = _question(bare) if len(bare) > SHORT else bare
    return _LEAD.sub("", told).strip()[:MOST] or whole[:MOST]


def _question(text: str) -> str:
    """The sentences that ask, with the one before them if they say too little alone."""
    sentences = _SENTENCE.findall(text)
    asking = [n for n, sentence in enumerate(sentences) if QUESTION.search(sentence)]
    if not asking:
        return text
    told = "".join(sentences[n] for n in asking)
    if len(told) < LEAST and asking[0] > 0:
        told = sentences[asking[0] - 1] + told
    return told
