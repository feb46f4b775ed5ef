"""Every route of the console in one literal table: the OpenAPI document and the tests read it too."""

# ruff: noqa: E501  # one line per route: the table is read as a table

from __future__ import annotations

from typing import Literal

from bot.console import (
    account,
    advice,
    alike,
    correct,
    emergency,
    factor,
    files,
    library,
    limits,
    live,
    manual,
    misread,
    moving,
    notes,
    office,
    roster,
    seats,
    sessions,
    team,
    ticket_list,
    tickets,
    users,
    wall,
)
from bot.console.api import Route

_ID = "{id:[0-9]{1,18}}"
_OTHER = "{other:[0-9]{1,18}}"
_SEQ = "{seq:[0-9]{1,9}}"
_NUMBER = "{number:[A-Za-z0-9]{4,24}}"
_DAY = "{day:[0-9]{4}-[0-9]{2}-[0-9]{2}}"
_KEY = "{key:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}}"
_SESSION = "{session:[0-9a-f]{16}}"
_FORM: Literal["multipart/form-data"] = "multipart/form-data"

# fmt: off
ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/front", "public", account.front, "What the log-in page shows", "log-in"),
    Route("POST", "/api/login", "public", account.login, "Log in", "log-in", own=True),
    Route("POST", "/api/logout", "self", account.logout, "Log out", "log-in", own=True),
    Route("POST", "/api/logout-everywhere", "self", account.logout_everywhere, "End all my log-ins", "log-in", own=True),
    Route("GET", "/api/me", "self", account.me, "Who I am", "log-in"),
    Route("PATCH", "/api/me", "self", account.change, "Change my settings", "log-in"),
    Route("POST", "/api/me/password", "self", account.password, "Change my password", "log-in", own=True),
    Route("GET", "/api/me/factor", "self", factor.mine, "My second factor", "log-in"),
    Route("POST", "/api/me/factor", "self", factor.begin, "Begin to set it up: the secret and its QR code", "log-in", own=True),
    Route("POST", "/api/me/factor/confirm", "self", factor.confirm, "Turn it on with a first code", "log-in"),
    Route("POST", "/api/me/factor/codes", "self", factor.codes, "New recovery codes", "log-in", own=True),
    Route("POST", "/api/me/factor/off", "self", factor.off, "Turn it off", "log-in", own=True),
    Route("GET", "/api/me/sessions", "self", sessions.mine, "My open log-ins", "log-in"),
    Route("POST", "/api/me/sessions/end-others", "self", sessions.end_others, "End all but this one", "log-in"),
    Route("POST", f"/api/me/sessions/{_SESSION}/end", "self", sessions.end_one, "End one of them", "log-in"),
    Route("POST", "/api/me/presence", "operator", account.presence, "Go on or off duty", "log-in"),

    Route("GET", "/api/queue", "operator", seats.queue, "Who waits for a person", "conversations"),
    Route("GET", "/api/conversations", "operator", seats.conversations, "Conversations: mine, my past ones, all", "conversations"),
    Route("GET", f"/api/conversations/{_ID}", "operator", seats.conversation, "One conversation with what is known", "conversations"),
    Route("GET", f"/api/conversations/{_ID}/lines", "operator", seats.lines, "Its lines", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/unmask", "operator", seats.unmask, "See it in full, recorded", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/claim", "operator", seats.claim, "Take it from the queue", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/reply", "operator", seats.reply, "Say something", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/return", "operator", seats.give_back, "Give it back to the assistant", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/close", "operator", seats.close, "Close it", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/decline", "operator", moving.decline, "Leave what is offered to me to somebody else", "seats"),
    Route("POST", f"/api/conversations/{_ID}/transfer", "operator", moving.transfer, "Pass it on to a colleague or a group", "seats"),
    Route("POST", f"/api/conversations/{_ID}/take-over", "supervisor", moving.take_over, "Take it over from whoever has it", "seats"),
    Route("POST", "/api/conversations/reassign", "supervisor", moving.reassign, "Give many to somebody else, or back to the queue", "seats"),
    Route("POST", f"/api/conversations/{_ID}/typing", "operator", seats.typing, "I am writing", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/attachments", "operator", files.upload, "Put a file in", "files", own=True, consumes=_FORM),
    Route("POST", f"/api/conversations/{_ID}/notes", "operator", notes.add, "Write an internal note", "conversations", status=201),
    Route("PUT", f"/api/conversations/{_ID}/unsent", "operator", notes.keep, "Keep what I have not sent yet", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/lines/{_SEQ}/correct", "operator", correct.correct, "Correct what was understood", "conversations"),
    Route("GET", f"/api/conversations/{_ID}/suggestions", "operator", advice.suggestions, "What could be said", "conversations", own=True),
    Route("GET", f"/api/conversations/{_ID}/around", "operator", alike.around, "The same citizen's past, and what is open nearby or alike", "conversations"),
    Route("GET", f"/api/conversations/{_ID}/earlier/{_OTHER}", "operator", alike.earlier, "Another conversation of this citizen, masked", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/join", "operator", alike.join, "Join it to an open ticket", "conversations"),
    Route("GET", f"/api/conversations/{_ID}/emergency", "operator", emergency.emergency, "The emergency: numbers, place, checklist, log", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/emergency", "operator", emergency.did, "Tick a step off, note a call", "conversations"),
    Route("POST", f"/api/conversations/{_ID}/limit", "operator", limits.ask, "Ask for a limit on this citizen", "conversations", status=201),
    Route("POST", f"/api/limits/{_ID}/decide", "operator", limits.decide, "Agree to a limit or refuse it", "conversations"),
    Route("POST", f"/api/limits/{_ID}/lift", "operator", limits.lift, "End a limit early", "conversations"),
    Route("GET", "/api/notices", "operator", notes.notices, "What calls for me", "conversations"),
    Route("POST", "/api/notices/read", "operator", notes.read, "I have read it", "conversations"),
    Route("POST", "/api/attachments", "operator", files.upload, "Put in a file for a ticket", "files", own=True, consumes=_FORM),
    Route("GET", f"/api/attachments/{_KEY}", "operator", files.download, "A file", "files", own=True, produces="*/*"),

    Route("GET", "/api/me/offer", "operator", moving.mine, "What is offered to me now", "seats"),
    Route("GET", "/api/colleagues", "operator", team.colleagues, "Who is there, with load, groups and skills", "seats"),
    Route("GET", "/api/team", "supervisor", team.team, "The team and what everybody holds", "seats"),
    Route("POST", f"/api/team/{_ID}/presence", "supervisor", moving.presence, "Set somebody's presence", "seats"),
    Route("PATCH", f"/api/team/{_ID}", "supervisor", roster.seat_change, "Somebody's places, offers and skills", "seats"),
    Route("GET", "/api/groups", "operator", roster.groups, "Groups", "seats"),
    Route("POST", "/api/groups", "supervisor", roster.group_create, "Make a group", "seats", status=201),
    Route("PUT", f"/api/groups/{_ID}", "supervisor", roster.group_change, "Change a group", "seats"),
    Route("DELETE", f"/api/groups/{_ID}", "supervisor", roster.group_delete, "Delete a group", "seats"),
    Route("GET", "/api/skills", "operator", roster.skills_known, "Values that skills may have", "seats"),
    Route("GET", "/api/shifts", "operator", roster.shifts, "Weekly shifts", "seats"),
    Route("POST", "/api/shifts", "supervisor", roster.shift_create, "Plan a shift", "seats", status=201),
    Route("PUT", f"/api/shifts/{_ID}", "supervisor", roster.shift_change, "Change a shift", "seats"),
    Route("DELETE", f"/api/shifts/{_ID}", "supervisor", roster.shift_delete, "Delete a shift", "seats"),
    Route("GET", "/api/duty-days", "operator", roster.days, "Holidays and make-up workdays of a year", "seats"),
    Route("PUT", f"/api/duty-days/{_DAY}", "admin", roster.day_set, "Set a day, or days in a row", "seats"),
    Route("DELETE", f"/api/duty-days/{_DAY}", "admin", roster.day_clear, "Back to the city's calendar", "seats"),

    Route("GET", "/api/tickets", "operator", ticket_list.tickets, "Search tickets", "tickets"),
    Route("POST", "/api/tickets", "operator", tickets.create, "File a ticket", "tickets", status=201),
    Route("GET", "/api/tickets.csv", "supervisor", ticket_list.export, "What a search finds as CSV", "tickets", produces="text/csv"),
    Route("GET", f"/api/tickets/{_NUMBER}", "operator", tickets.ticket, "One ticket", "tickets"),
    Route("PATCH", f"/api/tickets/{_NUMBER}", "operator", tickets.edit, "Change it", "tickets"),
    Route("POST", f"/api/tickets/{_NUMBER}/unmask", "operator", tickets.unmask, "See it in full, recorded", "tickets"),
    Route("POST", f"/api/tickets/{_NUMBER}/move", "operator", tickets.move, "Move it to another state", "tickets"),
    Route("POST", f"/api/tickets/{_NUMBER}/notes", "operator", tickets.note, "Add words to it, or urge", "tickets"),
    Route("GET", "/api/states", "figures", ticket_list.all_states, "States of tickets and their moves", "tickets"),

    Route("GET", "/api/services", "figures", library.services, "Services with the details they ask", "catalogue"),
    Route("GET", "/api/departments", "figures", library.departments, "Departments", "catalogue"),
    Route("GET", "/api/dangers", "figures", library.dangers, "Safety classes and whom to call", "catalogue"),
    Route("GET", "/api/canned", "operator", library.canned, "Canned replies", "catalogue"),
    Route("POST", "/api/canned", "supervisor", library.canned_create, "Add a canned reply", "catalogue", status=201),
    Route("PUT", f"/api/canned/{_ID}", "supervisor", library.canned_change, "Change a canned reply", "catalogue"),
    Route("DELETE", f"/api/canned/{_ID}", "supervisor", library.canned_delete, "Delete a canned reply", "catalogue"),

    Route("GET", "/api/stats", "figures", office.stats, "Today's figures", "office"),
    Route("GET", "/api/wall", "figures", wall.wall, "The wall: now, today, and against the usual", "office"),
    Route("GET", "/api/deliveries", "operator", office.deliveries, "Deliveries that failed or are held", "office"),
    Route("POST", f"/api/deliveries/{_ID}/retry", "operator", office.retry, "Try a delivery again", "office"),
    Route("GET", "/api/users", "supervisor", users.users, "Who may log in", "office"),
    Route("POST", "/api/users", "admin", users.create, "Add somebody", "office", status=201),
    Route("PATCH", f"/api/users/{_ID}", "admin", users.change, "Change, lock or reset somebody", "office"),
    Route("POST", f"/api/users/{_ID}/factor/reset", "admin", factor.reset, "Take somebody's second factor away", "office"),
    Route("GET", f"/api/users/{_ID}/sessions", "admin", sessions.theirs, "Somebody's open log-ins", "office"),
    Route("POST", f"/api/users/{_ID}/sessions/end", "admin", sessions.end_theirs, "End them", "office"),
    Route("GET", "/api/audit", "auditor", office.trail, "Who looked and who changed", "office"),

    Route("GET", "/api/studio/inbox", "reviewer", misread.groups, "Misread messages in groups, worst first", "inbox"),
    Route("GET", "/api/studio/inbox/summary", "reviewer", misread.summary, "How much lies there, and what can be taught", "inbox"),
    Route("GET", "/api/studio/inbox/messages", "reviewer", misread.messages, "The messages of a group", "inbox"),
    Route("GET", f"/api/studio/inbox/messages/{_ID}", "reviewer", misread.message, "One message, what stood around it, its history", "inbox"),
    Route("POST", "/api/studio/inbox/hint", "reviewer", misread.hint, "Whether a phrase teaches anything, and whom it contradicts", "inbox", own=True),
    Route("POST", "/api/studio/inbox/teach", "reviewer", misread.teach, "Teach messages", "inbox"),
    Route("POST", "/api/studio/inbox/ignore", "reviewer", misread.ignore, "Nothing to learn from these", "inbox"),
    Route("POST", "/api/studio/inbox/confirm", "reviewer", misread.confirm, "Agree with what somebody proposed", "inbox"),
    Route("POST", "/api/studio/inbox/reject", "reviewer", misread.reject, "Disagree with it", "inbox"),
    Route("POST", "/api/studio/inbox/services", "admin", misread.new_service, "Make a new service of messages", "inbox", status=201),
    Route("GET", "/api/studio/inbox/acts", "reviewer", misread.acts, "Who taught what", "inbox"),
    Route("POST", f"/api/studio/inbox/acts/{_ID}/undo", "reviewer", misread.undo, "Take it back", "inbox"),
    Route("PUT", "/api/studio/inbox/switches", "admin", misread.switch, "Whether two persons must agree", "inbox"),

    Route("GET", "/api/live", "operator", live.live, "The live feed (WebSocket)", "live", own=True, produces="websocket"),
    Route("GET", "/api/openapi.json", "public", manual.document, "This description", "manual"),
    Route("GET", "/api/docs", "public", manual.page, "This description for people", "manual", produces="text/html"),
)
# fmt: on
