"""The OpenAPI 3.1 document, made from the table and the handlers' types, and a plain page of the same."""

from __future__ import annotations

import re
from functools import cache
from html import escape
from typing import Any

from aiohttp import web
from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from bot.console.api import Call, Route
from bot.console.shapes import Nothing

_REF = "#/components/schemas/{model}"
_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["error", "message", "fields"],
    "properties": {
        "error": {"type": "string"},
        "message": {"type": "string"},
        "fields": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


async def document(call: Call[Nothing, Nothing]) -> web.Response:
    return web.json_response(openapi())


async def page(call: Call[Nothing, Nothing]) -> web.Response:
    return web.Response(
        text=_html(),
        content_type="text/html",
        headers={"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"},
    )


def routes() -> tuple[Route, ...]:
    from bot.console.table import ROUTES  # the table names this module

    return ROUTES


@cache
def openapi() -> dict[str, Any]:
    """Of the whole table; it does not change while the process runs."""
    bodies = {route.types[1] for route in routes()} - {Nothing}
    _, kept = models_json_schema([(body, "validation") for body in bodies], ref_template=_REF)
    schemas: dict[str, Any] = dict(kept.get("$defs", {}))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes():
        path = re.sub(r"\{(\w+):.*?\}(?=/|$)", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, schemas)
    schemas["Problem"] = _PROBLEM
    return {
        "openapi": "3.1.0",
        "info": {"title": "Lianxin 连心 console API", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "seat": {"type": "apiKey", "in": "cookie", "name": "lianxin_seat"},
                "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF-Token"},
            },
        },
    }


def _operation(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": f"{route.handler.__module__.rpartition('.')[2]}_{route.handler.__name__}",
        "tags": [route.tag],
        "x-right": route.right,
        "security": [],
        "parameters": [*_in_path(route), *_in_query(route, schemas)],
        "responses": _responses(route, schemas),
    }
    if "id" not in route.path and route.path == "/api/attachments":
        operation["operationId"] += "_loose"
    if route.right != "public":
        operation["security"] = [{"seat": []} | ({"csrf": []} if route.method != "GET" else {})]
    body = route.types[1]
    if route.consumes == "multipart/form-data":
        file = {"type": "object", "required": ["file"], "properties": {"file": {"type": "string"}}}
        operation["requestBody"] = {"required": True, "content": {route.consumes: {"schema": file}}}
    elif body is not Nothing:
        schema = {"$ref": _REF.format(model=body.__name__)}
        operation["requestBody"] = {"required": True, "content": {route.consumes: {"schema": schema}}}
    return operation


def _in_path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": f"^{rule}$"}}
        for name, rule in re.findall(r"\{(\w+):(.*?)\}(?=/|$)", route.path)
    ]


def _in_query(route: Route, schemas: dict[str, Any]) -> list[dict[str, Any]]:
    schema = route.types[0].model_json_schema(ref_template=_REF)
    schemas.update(schema.pop("$defs", {}))
    needed = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in needed, "schema": field}
        for name, field in schema.get("properties", {}).items()
    ]


def _responses(route: Route, schemas: dict[str, Any]) -> dict[str, Any]:
    problem = {"content": {"application/json": {"schema": {"$ref": _REF.format(model="Problem")}}}}
    if route.produces == "websocket":
        return {"101": {"description": "The feed begins"}, "default": {"description": "Refused"} | problem}
    content: dict[str, Any] = {route.produces: {}}
    if route.adapter is not None:
        schema = TypeAdapter(route.types[2]).json_schema(ref_template=_REF, mode="serialization")
        schemas.update(schema.pop("$defs", {}))
        name = re.sub(r"\W+", "_", schema.get("title", "Answer")).strip("_")
        schemas[name] = schema
        content = {route.produces: {"schema": {"$ref": _REF.format(model=name)}}}
    return {
        str(route.status): {"description": "Done", "content": content},
        "default": {"description": "Refused"} | problem,
    }


_HEAD = """<!doctype html><html lang=en><meta charset=utf-8><title>Lianxin API</title><style>{style}</style>
<main><h1>Lianxin 连心 · console API</h1><p>Machine-readable: <a href=/api/openapi.json>/api/openapi.json</a>.
Log in with <code>POST /api/login</code>; send the <code>csrf</code> of its answer as
<code>X-CSRF-Token</code> with everything but GET.</p>"""


def _html() -> str:
    out = [_HEAD.replace("{style}", _STYLE)]
    document, tag = openapi(), ""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["tags"][0] != tag:
                tag = operation["tags"][0]
                out.append(f"<h2>{escape(tag)}</h2>")
            out.append(_html_row(path, method, operation))
    return "".join([*out, "</main>"])


def _html_row(path: str, method: str, operation: dict[str, Any]) -> str:
    fields = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    if "$ref" in body.get("schema", {}):
        name = body["schema"]["$ref"].rpartition("/")[2]
        fields += list(openapi()["components"]["schemas"][name]["properties"])
    return (
        f"<section><b class={method}>{method.upper()}</b> <code>{escape(path)}</code>"
        f"<em>{escape(operation['x-right'])}</em><p>{escape(operation['summary'])}"
        f"{' · <small>' + escape(', '.join(fields)) + '</small>' if fields else ''}</p></section>"
    )


_STYLE = """body{font:15px/1.6 system-ui,sans-serif;margin:0;background:#f6f7f9;color:#1d2733}
main{max-width:860px;margin:auto;padding:32px 20px}section{background:#fff;border:1px solid #e3e7ec;
border-radius:8px;padding:10px 14px;margin:8px 0}section p{margin:4px 0 0;color:#4a5768}
b{display:inline-block;min-width:56px;font-size:12px}.get{color:#0a6b5c}.post,.put,.patch{color:#8a5300}.delete{color:#b42318}
em{float:right;font-style:normal;font-size:12px;color:#65738a}small{color:#65738a}
@media(prefers-color-scheme:dark){body{background:#12171d;color:#dbe3ec}section{background:#1a2129;
border-color:#2c3641}section p,small,em{color:#9aa8b8}a{color:#7cc4ff}.get{color:#5fd0bd}
.post,.put,.patch{color:#f0b866}}"""
