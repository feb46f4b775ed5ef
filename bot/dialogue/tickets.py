"""Tickets that exist: progress, urging, adding, withdrawing, rating, redoing; one's own or by number."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.base import AddDetail, AskRedo, Lookup, Rate, Step, TicketStatus, Urge, Withdraw
from bot.dialogue import checks, phrases
from bot.dialogue.moment import Moment, remembered, say, understood
from bot.dialogue.types import Decision

VERBS = frozenset({"ask_progress", "urge", "add_detail", "withdraw", "rate", "not_solved", "ask_redo"})
_BY_WORD = {
    "progress": "ask_progress",
    "status": "ask_progress",
    "urge": "urge",
    "add": "add_detail",
    "withdraw": "withdraw",
    "rate": "rate",
    "solved": "rate",
    "redo": "ask_redo",
}
_NUMBER = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}\d{6}[- ]?\d{3,6})(?![0-9])")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{4,8}(?![A-Za-z0-9])")
_CODE_SAID = re.compile(
    r"(?:查询码|密码|验证码|码|code)\s*(?:是|为|is|:|：)?\s*([A-Za-z0-9]{4,8})(?![A-Za-z0-9])", re.I
)
_PREFIX = re.compile(
    r"^(?:我)?(?:还?要|想|再)*(?:补充|添加|加)(?:一下|一点|几句|一句|材料|情况|说明)*[:：，,。\s]*"
)
_STARS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(r"(?:非常|很|极其|十分|太)不满意|差评|^[1一]颗?星|very (?:dis|un)satisf", re.I)),
    (2, re.compile(r"不(?:太)?满意|^[2二两]颗?星|dissatisf|unsatisf|not satisf", re.I)),
    (3, re.compile(r"基本满意|一般|还行|还可以|^[3三]颗?星|so-?so", re.I)),
    (5, re.compile(r"(?:非常|很|十分|特别|太)满意|好评|^[5五]颗?星|very satisf", re.I)),
    (4, re.compile(r"满意|^[4四]颗?星|satisf", re.I)),
)


def handle(moment: Moment) -> Decision | None:
    """What is wanted of an existing ticket, or None."""
    if moment.state.asked == "ticket:withdraw" and (decision := _withdraw_answered(moment)):
        return decision
    verb, lookup = _verb(moment), named(moment)
    if not verb:
        return None
    if verb == "withdraw":
        return _withdraw(moment, lookup)
    text = moment.meaning.text or moment.state.memory.get("said", "")
    if verb == "add_detail" and not _addition(text) and not moment.heard.attachments:
        return understood(moment.state, say("add-what"), asked="ticket:add_detail")
    return understood(
        moment.state,
        _step(moment, verb, lookup, text),
        asked=f"ticket:{verb}",
        memory=remembered(moment.state, said=text if not moment.meaning.payload else ""),
    )


def _verb(moment: Moment) -> str:
    """The verb of a button, of the words, or the one that waited for a number."""
    meaning, asked = moment.meaning, moment.state.asked
    if moment.choice[0] in _BY_WORD:
        return _BY_WORD[moment.choice[0]]
    if meaning.payload:
        return ""
    pending = asked.partition(":")[2] if asked.startswith("ticket:") else ""
    if _NUMBER.search(meaning.text):
        act = meaning.act if meaning.act in VERBS else phrases.ticket_act_of(meaning.text)
        return act or pending or "ask_progress"
    if pending == "add_detail" and meaning.text and not meaning.by_rule:
        return pending
    if meaning.act in VERBS and _means_ticket(moment):
        return meaning.act
    return ""


def _means_ticket(moment: Moment) -> bool:
    """A long story about a known service that was "还没解决" is a request, not a word about a ticket."""
    meaning = moment.meaning
    act = meaning.heard.act
    believed = act.confidence if act else 1.0
    return len(meaning.text) <= 20 or not meaning.sure or believed > meaning.confidence


def named(moment: Moment) -> Lookup:
    """The ticket that is named: a button's, number and code in the words, or the account's own."""
    word, rest = moment.choice
    if word in _BY_WORD and rest:
        parts = rest.split(":")
        return Lookup(parts[-1]) if _NUMBER.fullmatch(parts[-1]) else Lookup()
    return lookup_in(moment.meaning.text)


def lookup_in(text: str) -> Lookup:
    plain = phrases.plain(text)
    number = _NUMBER.search(plain)
    if number is None:
        return Lookup()
    rest = plain[: number.start()] + " " + plain[number.end() :]
    said = _CODE_SAID.search(rest)
    other = None if said else _CODE.search(checks.without_phone(rest))
    code = said.group(1) if said else other.group() if other else ""
    return Lookup(re.sub(r"[- ]", "", number.group(1)).upper(), code.upper())


def _addition(text: str) -> str:
    """What is to be added, without "补充一下" itself."""
    rest = _PREFIX.sub("", _NUMBER.sub("", text)).strip()
    return rest if len(rest) >= 2 else ""


def _step(moment: Moment, verb: str, lookup: Lookup, text: str) -> Step:
    if verb == "urge":
        return Urge(lookup, text)
    if verb == "add_detail":
        return AddDetail(lookup, text, (*moment.state.loose, *moment.heard.attachments))
    if verb == "rate":
        return _rate(moment, lookup, text)
    if verb == "not_solved":
        return Rate(lookup, None, solved=False, text=text)
    if verb == "ask_redo":
        return AskRedo(lookup, text)
    return TicketStatus(lookup)


def _rate(moment: Moment, lookup: Lookup, text: str) -> Rate:
    word, rest = moment.choice
    value = rest.partition(":")[0]
    if word == "rate" and value.isdigit():
        return Rate(lookup, min(5, max(1, int(value))))
    if word == "solved":
        return Rate(lookup, None, solved=value != "no")
    stars = next((n for n, pattern in _STARS if pattern.search(phrases.plain(text))), None)
    solved = False if re.search(r"没|未|不.{0,2}解决|not", text) and stars is None else None
    solved = True if solved is None and stars is None and re.search(r"解决|solved", text) else solved
    return Rate(lookup, stars, solved, text)


def _withdraw(moment: Moment, lookup: Lookup) -> Decision:
    """The step asks whether it is meant, if there is something to withdraw; the answer comes back here."""
    said = moment.meaning.text if not moment.meaning.payload else moment.state.memory.get("said", "")
    memory = remembered(moment.state, withdraw=f"{lookup.number} {lookup.code}".strip(), said=said)
    return understood(moment.state, Withdraw(lookup, said), asked="ticket:withdraw", memory=memory)


def _withdraw_answered(moment: Moment) -> Decision | None:
    """A yes or no to the step's question; where it found nothing to withdraw, none was asked."""
    if all(choice.payload != "withdraw-yes" for choice in moment.state.offered):
        return None
    meaning, memory = moment.meaning, moment.state.memory
    word = moment.choice[0]
    number, _, code = memory.get("withdraw", "").partition(" ")
    state = replace(moment.state, memory=remembered(moment.state, withdraw=""))
    if word == "withdraw-yes" or meaning.act in ("affirm", "withdraw"):
        return understood(
            state,
            Withdraw(Lookup(number, code), memory.get("said", ""), sure=True),
            asked="ticket:withdrawn",
        )
    if word == "withdraw-no" or meaning.act in ("deny", "cancel", "skip"):
        return understood(state, say("withdraw-kept"), asked="")
    return None


def added(moment: Moment) -> Decision:
    """Loose words or photos soon after filing belong to that ticket."""
    attachments = (*moment.state.loose, *moment.heard.attachments)
    step = AddDetail(Lookup(), moment.meaning.text, attachments)
    return understood(moment.state, step, loose=())
