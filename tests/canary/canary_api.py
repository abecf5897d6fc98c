"""An API that gives everything back that was entrusted to it, in every place of every kind of answer."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote

TOKEN_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,200}")


@dataclass
class Asked:
    """One request, and what an API that leaks could give back of it."""

    head: str
    body: str

    @property
    def scenario(self) -> str:
        found = re.search(r"scenario-([a-z0-9]+)", self.head + self.body)
        return found[1] if found else "ok"

    def header(self, name: str) -> str:
        found = re.search(rf"(?im)^{name}: *(.*?)\r?$", self.head)
        return found[1] if found else ""

    @property
    def credentials(self) -> list[str]:
        scheme, _, value = self.header("Authorization").partition(" ")
        found = [value, self.header("x-functions-key")]
        if scheme == "Basic":
            pair = base64.b64decode(value).decode()
            found += [pair, *pair.split(":", 1)]
        return [text for text in found if text]

    @property
    def echo(self) -> str:
        return " ".join(["You sent", *self.credentials, self.head, self.body])


@dataclass
class HostileApi:
    """Serve answers on a free port of 127.0.0.1; ``acquired`` is the access token that it gives out."""

    acquired: str
    bearers: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def start(self, context: ssl.SSLContext) -> asyncio.Server:
        return await asyncio.start_server(self.answer, "127.0.0.1", 0, ssl=context)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"(?i)content-length: *(\d+)", head)
            body = await reader.readexactly(int(length[1])) if length else b""
            asked = Asked(head.decode("utf-8", "surrogateescape"), body.decode())
            self.asked.append(asked.scenario)
            if asked.header("Authorization").startswith("Bearer "):
                self.bearers.append(asked.header("Authorization").removeprefix("Bearer "))
            await ANSWERS[asked.scenario](self, asked, writer)
        except (ConnectionError, ssl.SSLError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def send(
    writer: asyncio.StreamWriter, asked: Asked, status: str, body: str, type: str = "application/json", more: str = ""
) -> None:
    told = (asked.credentials or ["nothing"])[0]
    lines = [
        f"HTTP/1.1 {status}",
        f'Content-Type: {type}; echo="{told}"',
        *(f"{name}: {told}" for name in ("Server", "ETag", "X-Echo", "X-Request-Id", "Content-Language", "Vary")),
        f"Set-Cookie: echo={told}",
        *(f"{one}: 1" for one in asked.credentials if TOKEN_HEADER.fullmatch(one)),
        *([more] if more else []),
        "Connection: close",
        f"Content-Length: {len(body.encode('utf-8', 'surrogateescape'))}",
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode("utf-8", "surrogateescape"))


def agree(api: HostileApi, asked: Asked, **more: object) -> str:
    members = {
        "echo": asked.echo,
        "echoes": [*asked.credentials, asked.body],
        "access_token": api.acquired,
        **{one: {one: one} for one in asked.credentials},
        **more,
    }
    return json.dumps(members, ensure_ascii=False).encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def refuse(asked: Asked, status: int) -> str:
    names = ("code", "requestId", "userMessage", "developerMessage", "moreInfo", "error")
    return json.dumps({"version": asked.echo, "status": status, **dict.fromkeys(names, asked.echo)})


def simple(status: str, body: Callable[[HostileApi, Asked], str], type: str = "application/json", more: str = ""):
    async def answer(api: HostileApi, asked: Asked, writer: asyncio.StreamWriter) -> None:
        values = {"told": (asked.credentials or ["nothing"])[0], "quoted": quote(" ".join(asked.credentials), safe="")}
        send(writer, asked, status.format(**values), body(api, asked), type, more.format(**values))
        await writer.drain()

    return answer


async def never(api: HostileApi, asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Wait for the caller to give up."""
    await writer.wait_closed()


async def close(api: HostileApi, asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def garbage(api: HostileApi, asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(asked.echo.encode("utf-8", "surrogateescape") + b"\r\n\r\n")


async def bad_header(api: HostileApi, asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n" + asked.echo.encode("utf-8", "surrogateescape") + b"\0: x\r\n\r\n")


async def endless(api: HostileApi, asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = asked.echo.encode("utf-8", "surrogateescape") * 8
    for _ in range(200):
        writer.write(b"%x\r\n%b\r\n" % (len(piece), piece))
        await writer.drain()


ANSWERS = {
    "ok": simple("200 OK", agree),
    "phrase200": simple("200 {told}", agree),
    "mapping": simple("200 OK", lambda api, asked: agree(api, asked, number=asked.echo)),
    "malformed200": simple("200 OK", lambda api, asked: agree(api, asked)[:-1]),
    "text200": simple("200 OK", lambda _, asked: asked.echo, "text/plain"),
    "string200": simple("200 OK", lambda _, asked: json.dumps(asked.echo)),
    "400": simple("400 Bad Request", lambda _, asked: refuse(asked, 400)),
    "409": simple("409 Conflict", lambda _, asked: refuse(asked, 409)),
    "short409": simple("409 Conflict", lambda _, asked: json.dumps({"userMessage": " ".join(asked.credentials)})),
    "malformed409": simple("409 Conflict", lambda _, asked: refuse(asked, 409)[:-1]),
    "array409": simple("409 Conflict", lambda _, asked: json.dumps([asked.echo])),
    "401": simple(
        "401 Unauthorized", lambda _, asked: refuse(asked, 401), more='WWW-Authenticate: Bearer realm="{told}"'
    ),
    "403": simple("403 Forbidden", lambda _, asked: refuse(asked, 403)),
    "phrase404": simple("404 {told}", lambda _, asked: asked.echo, "text/plain"),
    "500": simple("500 Oh", lambda _, asked: f"<html><p>{html.escape(asked.echo)}</p></html>", "text/html"),
    "json500": simple("500 {told}", lambda _, asked: refuse(asked, 500)),
    "redirect": simple(
        "302 {told}",
        lambda _, asked: asked.echo,
        "text/html",
        "Location: https://evil.example/{quoted}?a={quoted}#{quoted}",
    ),
    "slow": never,
    "close": close,
    "garbage": garbage,
    "header": bad_header,
    "endless": endless,
}
