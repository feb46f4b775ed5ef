"""The training data's pages: what is there, how good it is, and changing it. Every change is audited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from bot.console import audit
from bot.console.api import Call
from bot.console.data_shapes import (
    Choice,
    Choices,
    ConfusionView,
    DataDetail,
    DataPhrase,
    DataPhraseIn,
    DataRow,
    DataService,
    DataServiceView,
    Facts,
    HintsIn,
    Made,
    Overview,
    PhraseList,
    PhraseMove,
    PhraseQuery,
    PhraseRemoval,
    PhrasesIn,
    ProblemQuery,
    Problems,
    ProblemView,
)
from bot.console.shapes import Nothing
from bot.dialogue.types import Detail
from bot.errors import Invalid, NotFound
from bot.services import CONDUCT, DETAILS, ENTITIES, KINDS, SAFETY
from bot.store.operators import Operator
from bot.store.teaching import PhraseRow, Revision
from bot.studio import checks, data, following, markup, phrases, services, shelves, survey, tree
from bot.studio.phrases import Phrase
from bot.studio.survey import Counted, Live


async def overview(call: Call[Nothing, Nothing]) -> Overview:
    session = call.session
    found = await survey.survey(session)
    live = await survey.live(session)
    at, name = (
        await session.execute(
            select(Revision.at, Operator.name)
            .outerjoin(Operator, Operator.id == Revision.operator_id)
            .where(Revision.number == found.revision)
        )
    ).one()
    sizes = {name: len(await shelves.every(session, name)) for name in ("articles", "places", "departments")}
    known = call.world.catalogue
    return Overview(
        revision=found.revision,
        taught=(await following.followed(session)).taught,
        at=at,
        by=name or "",
        phrases=found.phrases,
        services=[row(one, live, known.services) for one in found.services],
        acts=[row(one, live, known.acts) for one in found.acts],
        safety=found.safety,
        conduct=found.conduct,
        problems=dict(Counter(one.level for one in found.problems)),
        may_edit=call.may("admin"),
        **sizes,
    )


def row(one: Counted, live: dict[str, Live], known: Iterable[str]) -> DataRow:
    facts, now = one.facts, live.get(one.id, Live())
    return DataRow(
        id=one.id,
        zh=str(facts.get("title") or one.id),
        en=str(facts.get("title_en") or one.id),
        category=str(facts.get("category") or ""),
        department=str(facts.get("department") or ""),
        kind=str(facts.get("kind") or ""),
        path=one.path,
        phrases=one.phrases,
        kinds=one.kinds,
        variety=one.variety,
        problems=one.problems,
        reads=now.reads,
        wrong=now.wrong,
        precision=now.precision,
        in_service=one.id in known,
    )


async def choices(call: Call[Nothing, Nothing]) -> Choices:
    session = call.session
    found = await survey.survey(session)
    departments = await shelves.every(session, "departments")
    deadlines = await shelves.every(session, "deadlines")
    files = sorted({one.item.path for one in await shelves.every(session, "articles")})
    return Choices(
        intents=[_choice(one.id, one.facts) for one in (*found.services, *found.acts)],
        categories=sorted({str(one.facts.get("category")) for one in found.services}),
        departments=[_choice(one.item.facts["id"], one.item.facts, "short") for one in departments],
        deadlines=[_choice(one.item.facts["id"], one.item.facts) for one in deadlines],
        kinds=sorted(KINDS),
        details=sorted(DETAILS),
        tags=sorted(ENTITIES),
        safety=sorted(SAFETY),
        conduct=sorted(CONDUCT),
        article_files=[path.removeprefix("knowledge/").removesuffix(".yml") for path in files],
        place_lists=list(shelves.SHELVES["places"].lists),
    )


def _choice(name: Any, facts: dict[str, Any], zh: str = "title") -> Choice:
    english = facts.get("title_en") or facts.get("name_en") or name
    return Choice(id=str(name), zh=str(facts.get(zh) or name), en=str(english))


async def service(call: Call[Nothing, Nothing]) -> DataServiceView:
    """A service or an act with its figures."""
    name = call.path("name")
    found = await survey.survey(call.session)
    one = next((one for one in (*found.services, *found.acts) if one.id == name), None)
    if one is None:
        raise NotFound(f"没有“{name}” · there is no service or act '{name}'")
    item = await services.described(call.session, name)
    known = call.world.catalogue
    served = known.get(name)
    confused = await survey.confusions(call.session, name)
    return DataServiceView(
        row=row(one, await survey.live(call.session), {*known.services, *known.acts}),
        facts=item.facts,
        etag=item.etag,
        axis="service" if one in found.services else "act",
        live_facts={key: getattr(served, key) for key in services.FACTS[:-1]} if served else None,
        confusions=[ConfusionView.model_validate(pair) for pair in confused],
        problems=[ProblemView.model_validate(p) for p in found.problems if p.intent == name][:50],
    )


async def create(call: Call[Nothing, DataService]) -> Made:
    body = call.body
    spec = data.ServiceSpec(
        **body.model_dump(exclude={"details", "phrases", "why"}),
        details=tuple(_details(body.details)),
        phrases=tuple(map(_phrase, body.phrases)),
    )
    return _made(call, "create", await services.create(call.session, call.operator, spec, body.why), spec.id)


async def describe(call: Call[Nothing, Facts]) -> Made:
    name, body = call.path("name"), call.body
    facts = body.model_dump(exclude={"etag", "details"}, exclude_none=True)
    if body.details is not None:
        facts["details"] = [_written(one) for one in body.details]
    empty = {key: "不能为空 · must not be empty" for key, value in facts.items() if value == ""}
    if empty:
        raise Invalid(empty)
    return _made(
        call, "describe", await services.describe(call.session, call.operator, name, body.etag, facts), name
    )


async def remove_service(call: Call[Nothing, Nothing]) -> Made:
    name = call.path("name")
    return _made(call, "remove", await services.remove(call.session, call.operator, name), name)


def _details(given: Sequence[DataDetail]) -> list[Detail]:
    return [Detail(one.name, required=one.required, ask=one.ask) for one in given]


def _written(one: DataDetail) -> dict[str, Any]:
    facts: dict[str, Any] = {"name": one.name}
    return facts | ({"required": True} if one.required else {}) | ({} if one.ask else {"ask": False})


async def phrase_list(call: Call[PhraseQuery, Nothing]) -> PhraseList:
    query = call.query
    found = await data.phrases_of(
        call.session,
        query.intent or None,
        query.search,
        kind=query.kind,
        safety=query.safety,
        conduct=query.conduct,
        path=query.path or None,
        offset=query.offset,
        limit=query.limit,
    )
    rows = [DataPhrase.model_validate(one) for one in found.rows]
    return PhraseList(rows=rows, total=found.total, revision=await tree.latest(call.session))


def _phrase(one: DataPhraseIn) -> Phrase:
    entities = tuple((e.start, e.end, e.tag) for e in one.entities)
    return Phrase(one.intent, one.text, entities, one.kind, one.safety, one.conduct)


async def add(call: Call[Nothing, PhrasesIn]) -> Made:
    given = [_phrase(one) for one in call.body.phrases]
    before = await tree.ready(call.session)
    made = await data.add_phrases(call.session, call.operator, given, call.body.why)
    return _made(call, "add", made, f"{len(given)}", before)


async def change(call: Call[Nothing, DataPhraseIn]) -> Made:
    before = await tree.ready(call.session)
    made = await phrases.change(call.session, call.operator, call.id, _phrase(call.body))
    return _made(call, "change", made, call.body.intent, before)


async def move(call: Call[Nothing, PhraseMove]) -> Made:
    labels = call.body.model_dump(exclude={"ids"}, exclude_none=True)
    if not labels:
        raise Invalid({"intent": "要移到哪里？ · where to?"})
    made = await phrases.move(call.session, call.operator, call.body.ids, labels)
    return _made(call, "move", made, f"{len(call.body.ids)}")


async def remove(call: Call[Nothing, PhraseRemoval]) -> Made:
    made = await phrases.remove_ids(call.session, call.operator, call.body.ids, call.body.why)
    return _made(call, "remove", made, f"{len(call.body.ids)}")


def _made(call: Call[Any, Any], verb: str, made: Revision, what: str, before: int = 0) -> Made:
    changed = made.number != before
    if changed:
        audit.record(call.session, call.operator.id, f"data.{verb}", f"data:{made.number}", what=what)
    return Made(revision=made.number, changed=changed)


async def hints(call: Call[Nothing, HintsIn]) -> Problems:
    """Validation as you type."""
    body = call.body
    found = await data.likeness(call.session, body.text)
    rows = checks.of_phrase(body.text, body.intent, found.same, found.near, body.id or 0)
    try:
        marked = phrases.marked(
            _phrase(DataPhraseIn(intent=body.intent or "x", text=body.text, entities=body.entities))
        )
        _, spans = markup.parse(marked)
        trial = PhraseRow(text=body.text, entities=[asdict(span) for span in spans], marked=marked)
        trial.id, trial.path, trial.line, trial.intent = 0, "", 0, body.intent
        rows += checks.odd_spans([trial])
    except Invalid as error:
        rows += [checks.Problem("invalid", "error", about=why) for why in error.fields.values()]
    views = [ProblemView.model_validate(one) for one in rows]
    return Problems(rows=views, total=len(views))


async def problems(call: Call[ProblemQuery, Nothing]) -> Problems:
    query = call.query
    every = (await survey.survey(call.session)).problems
    counts = Counter(one.code for one in every if not query.intent or one.intent == query.intent)
    wanted = [
        one
        for one in every
        if (not query.intent or one.intent == query.intent)
        and (not query.code or one.code == query.code)
        and (not query.level or one.level == query.level)
    ]
    page = wanted[query.offset : query.offset + query.limit]
    return Problems(
        rows=[ProblemView.model_validate(one) for one in page], total=len(wanted), counts=dict(counts)
    )
