"""Figures of the data: what the newest judgement and the people say about a service."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.store.models import HeldOut, Judgement, ModelVersion
from bot.studio import survey
from bot.studio.survey import Confusion, Live


async def test_confusions_come_from_the_newest_judgement(maker: async_sessionmaker[AsyncSession]) -> None:
    async with maker.begin() as session:
        model = ModelVersion(name="lianxin-test", revision=1)
        session.add_all([model, HeldOut(sha256="x", data=b"")])
        await session.flush()
        for count in (1, 3):
            pairs = [["heating", "heating", 9], ["heating", "gas_supply", count], ["tax", "bus", 5]]
            report = {"confusions": {"new": pairs, "old": []}}
            session.add(Judgement(model_id=model.id, test_set="x", report=report, gates={}, passed=True))
            await session.flush()
        wanted = [Confusion("heating", "gas_supply", 3, "test")]
        assert await survey.confusions(session, "heating") == wanted
        assert await survey.confusions(session, "gas_supply") == wanted
        assert await survey.confusions(session, "metro") == []


def test_precision_needs_somebody_who_wrote() -> None:
    assert Live().precision is None
    assert Live(20, 3).precision == 0.85
    assert Live(2, 5).precision == 0.0
    assert survey.pairs_of({}) == survey.pairs_of({"confusions": []}) == {}
