import re

import pytest
from starlette.applications import Starlette

from journeyman.web.pages.static_files import asset_path, static_routes


async def get(path: str) -> tuple[int, dict[str, str], bytes]:
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
    }
    await Starlette(routes=static_routes())(scope, receive, send)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(part.get("body", b"") for part in sent[1:])


async def test_a_file_is_served_under_the_hash_of_all_and_may_be_kept_for_ever():
    path = asset_path("page.js")
    status, headers, body = await get(path)

    assert re.fullmatch(r"/static/journeyman/[0-9a-f]{16}/page\.js", path)
    assert status == 200
    assert headers["content-type"] == "text/javascript; charset=utf-8"
    assert headers["cache-control"] == "public, max-age=31536000, immutable"
    assert headers["x-content-type-options"] == "nosniff"
    assert b"SETTINGS" in body


@pytest.mark.parametrize("name", ["page.js/..", "../security.py", "nothing.js", ""])
async def test_what_is_not_a_static_file_is_not_found(name):
    status, headers, _ = await get(asset_path("page.js").replace("page.js", name))

    assert status == 404
    assert "immutable" not in headers.get("cache-control", "")


async def test_another_version_is_not_found():
    assert (await get("/static/journeyman/0000000000000000/page.js"))[0] == 404


def test_an_unknown_asset_is_a_mistake_in_the_template():
    with pytest.raises(KeyError, match="nothing"):
        asset_path("nothing.css")
