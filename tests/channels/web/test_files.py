"""Uploads and downloads: only what is allowed goes in, and only to its own citizen does it come out."""

from __future__ import annotations

import base64
import uuid
from typing import Any

import pytest
from aiohttp import FormData

from channels.base import ChannelName
from channels.web.buckets import Rate
from tests.channels.web.conftest import SITE, Serve, Served
from tests.channels.web.house import House

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def form(data: bytes, name: str = "照片.png", mime: str = "image/png", field: str = "file") -> FormData:
    body = FormData(quote_fields=False)
    body.add_field(field, data, filename=name, content_type=mime)
    return body


async def upload(served: Served, token: str, body: FormData | bytes, **headers: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token}", "Origin": SITE, **headers}
    async with served.session.post(served.url("upload"), data=body, headers=headers) as answer:
        return answer.status, await answer.json() if answer.content_type == "application/json" else None


async def fetch(served: Served, token: str, id: str) -> tuple[int, bytes, Any]:
    headers = {"Authorization": f"Bearer {token}"}
    async with served.session.get(served.url(f"files/{id}"), headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_a_photo_goes_up_into_a_message_and_down_again(served: Served, house: House) -> None:
    page, welcome = await served.hello()
    status, kept = await upload(served, welcome["token"], form(PNG))
    assert (status, kept["kind"], kept["mime"], kept["name"]) == (201, "image", "image/png", "照片.png")
    id = str(uuid.uuid4())
    await page.say(type="message", id=id, attachments=[kept["attachment"]])
    await page.hear("accepted")
    line = await page.hear("line")
    while line["author"] != "citizen":
        line = await page.hear("line")
    assert line["media"] == [{"kind": "image", "id": kept["id"], "mime": "image/png", "name": "照片.png"}]
    status, data, headers = await fetch(served, welcome["token"], kept["id"])
    assert (status, data) == (200, PNG)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("inline; filename*=UTF-8''")
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"


async def test_files_of_others_stay_theirs(served: Served, house: House) -> None:
    owner, mine = await served.hello()
    _, kept = await upload(served, mine["token"], form(PNG))
    await owner.say(type="message", id=str(uuid.uuid4()), attachments=[kept["attachment"]])
    await owner.hear("accepted")
    thief, theirs = await served.hello()
    assert (await fetch(served, theirs["token"], kept["id"]))[0] == 404
    assert (await fetch(served, "forged", kept["id"]))[0] == 401
    assert (await fetch(served, mine["token"], "../../etc/passwd"))[0] == 404
    await thief.say(type="message", id=str(uuid.uuid4()), attachments=[kept["attachment"]])
    assert (await thief.hear("rejected"))["error"] == "unknown_attachment"


async def test_a_chat_token_is_no_attachment(served: Served) -> None:
    page, welcome = await served.hello()
    await page.say(type="message", id=str(uuid.uuid4()), attachments=[welcome["token"]])
    assert (await page.hear("rejected"))["field"] == "attachments"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (form(b"<script>alert(1)</script>", "photo.png"), 415, "wrong_type"),
        (form(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.svg", "image/svg+xml"), 415, "wrong_type"),
        (form(PNG + bytes(3000)), 413, "too_large"),
        (form(b""), 400, "bad_file"),
        (form(PNG, field="other"), 400, "bad_file"),
        (b"not multipart", 400, "bad_file"),
    ],
)
async def test_what_is_not_accepted(serve: Serve, body: FormData | bytes, status: int, code: str) -> None:
    served = await serve(max_upload=2000)
    _, welcome = await served.hello()
    answer = await upload(served, welcome["token"], body)
    assert (answer[0], answer[1]["code"]) == (status, code)


async def test_broken_multipart_is_a_bad_request(served: Served) -> None:
    _, welcome = await served.hello()
    for header, body in [("multipart/form-data", b"x"), ("multipart/form-data; boundary=a", b"--b\r\n\r\nx")]:
        answer = await upload(served, welcome["token"], body, **{"Content-Type": header})
        assert answer[0] == 400


async def test_uploads_are_limited(serve: Serve) -> None:
    served = await serve(uploads=Rate(1, 0.001))
    _, welcome = await served.hello()
    assert (await upload(served, welcome["token"], form(PNG)))[0] == 201
    status, answer = await upload(served, welcome["token"], form(PNG))
    assert (status, answer["type"]) == (429, "slow_down")


async def test_uploads_need_a_token_and_a_known_site(served: Served) -> None:
    _, welcome = await served.hello()
    assert (await upload(served, "forged", form(PNG)))[0] == 401
    assert (await upload(served, welcome["token"], form(PNG), Origin="https://evil.example"))[0] == 403


async def test_names_are_only_names(served: Served) -> None:
    _, welcome = await served.hello()
    _, kept = await upload(served, welcome["token"], form(PNG, "..\\..\\x/../a\u202eb.png"))
    assert kept["name"] == "ab.png"


async def test_preflight_answers_known_sites_only(served: Served) -> None:
    for path in ("upload", "poll", f"files/{uuid.uuid4()}"):
        async with served.session.options(
            served.url(path), headers={"Origin": "https://city.example.cn"}
        ) as ok:
            assert (ok.status, ok.headers["Access-Control-Allow-Origin"]) == (204, "https://city.example.cn")
        async with served.session.options(
            served.url(path), headers={"Origin": "https://evil.example"}
        ) as bad:
            assert bad.status == 403
            assert "Access-Control-Allow-Origin" not in bad.headers


async def test_other_channels_files_come_down_too(served: Served, house: House) -> None:
    """A citizen who continues from an SMS link sees that conversation's photos."""
    _, welcome = await served.hello()
    _, kept = await upload(served, welcome["token"], form(PNG))
    token = house.token(ChannelName("sms/twilio"), house.newest)
    assert (await fetch(served, token, kept["id"]))[0] == 404
