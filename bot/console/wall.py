"""The supervisor's wall in one answer: the present, the day, and arrivals against the usual."""

from __future__ import annotations

from datetime import UTC, datetime, time

from aiohttp import web

from bot.console import wall_day, wall_now
from bot.console.api import Call
from bot.console.arrivals import Arrivals, Usual, arrivals
from bot.console.shapes import Answer, Nothing

USUAL: web.AppKey[Usual] = web.AppKey("usual", Usual)


class Wall(Answer):
    """`seats` is empty for those who may see figures only; `seat_count` says as much without names."""

    now: datetime
    queue: wall_now.Queue
    seat_count: wall_now.SeatCount
    seats: list[wall_now.SeatRow]
    skills: list[wall_now.SkillRow]
    alarms: list[wall_now.AlarmRow]
    day: wall_day.Day
    arrivals: Arrivals


async def wall(call: Call[Nothing, Nothing]) -> Wall:
    session, catalogue, zone = call.session, call.world.catalogue, call.world.city.timezone
    now = datetime.now(UTC)
    today = datetime.combine(now.astimezone(zone).date(), time.min, zone)
    named = call.may("operator")
    seats = await wall_now.seats(session)
    return Wall(
        now=now,
        queue=await wall_now.queue(session, catalogue, named),
        seat_count=wall_now.counted(seats),
        seats=seats if named else [],
        skills=await wall_now.skills(session, catalogue, seats),
        alarms=await wall_now.alarms(session, named),
        day=await wall_day.day(session, catalogue, today),
        arrivals=await arrivals(session, call.request.app[USUAL], zone, now),
    )
