"""A new user adds the five credentials of REST calls in a real browser, in each case within a minute."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from playwright.async_api import expect

from journeyman.keys.certificate import self_signed
from journeyman.secret import Secret

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

JOURNEYMAN = (sys.executable, "-m", "journeyman")


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A tenant folder of ``init`` whose policy keys are missing, served by the real command."""
    folder = tmp_path_factory.mktemp("live") / "contoso"
    subprocess.run([*JOURNEYMAN, "init", folder], check=True, capture_output=True)
    for path in (folder / "keys").iterdir():
        path.unlink()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [*JOURNEYMAN, "up", folder, "--listen", f"127.0.0.1:{port}"]
    engine = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
    try:
        lines = []
        while "data" not in (line := engine.stdout.readline()):
            lines.append(line)
        link = next(line.split()[-1] for line in lines if line.strip().startswith("portal"))
        yield f"http://127.0.0.1:{port}", link
    finally:
        engine.send_signal(signal.SIGINT)
        engine.communicate(timeout=15)


async def store(tab, name, **fields):
    await tab.get_by_label("Name", exact=True).fill(name)
    for label, value in fields.items():
        await tab.get_by_label(label.capitalize(), exact=True).fill(value)
    await tab.get_by_role("button", name="Store").click()
    await expect(tab.get_by_role("status").filter(has_text="is stored")).to_contain_text(f"B2C_1A_{name}")


async def test_the_five_credentials_of_rest_calls_are_added_by_hand(served, open_tab, tmp_path):
    _, link = served
    watched = await open_tab(f"{link}&back=/portal/keys")
    tab, began = watched.tab, time.monotonic()
    for name in ("StaticBearer", "ClientId", "ClientSecret", "ApiKey"):
        await tab.get_by_role("link", name="Add a key").click()
        await store(tab, name, secret=f"canary {name}")
    (tmp_path / "client.pfx").write_bytes(self_signed("CN=api", now=datetime.now(UTC)).pfx(Secret("pw")))
    await tab.get_by_role("link", name="Add a key").click()
    await tab.get_by_role("link", name="Upload").click()
    await tab.get_by_label("File").set_input_files(tmp_path / "client.pfx")
    await tab.get_by_label("Password of the PFX").fill("pw")
    await store(tab, "ClientCertificate")

    assert time.monotonic() - began < 60
    assert "canary" not in await tab.content()
    assert [line for line in watched.complaints if "error" in line.lower()] == []


async def test_keys_that_a_policy_misses_are_offered_and_the_policy_is_served_once_they_are_there(served, open_tab):
    origin, link = served
    watched = await open_tab(f"{link}&back=/portal/keys")
    tab = watched.tab
    for name in ("RestApiPassword", "RestApiUsername"):
        line = tab.locator(".missing li").filter(has_text=name)
        await line.get_by_role("link", name="Add").click()
        await expect(tab.get_by_label("Name", exact=True)).to_have_value(name)
        await store(tab, name, secret="x")

    await expect(tab.locator(".missing")).to_have_count(0)
    for _ in range(50):
        ready = await tab.request.get(f"{origin}/readyz")
        if (await ready.json())["policies"]:
            return
        await tab.wait_for_timeout(100)
    raise AssertionError(await ready.text())


async def test_a_wrong_password_is_told_and_what_was_typed_in_stays(served, open_tab, tmp_path):
    _, link = served
    watched = await open_tab(f"{link}&back=/portal/keys/new%3Fway%3Dupload")
    tab = watched.tab
    (tmp_path / "client.pfx").write_bytes(self_signed("CN=api", now=datetime.now(UTC)).pfx(Secret("pw")))
    await tab.get_by_label("Name", exact=True).fill("Wrong")
    await tab.get_by_label("File").set_input_files(tmp_path / "client.pfx")
    await tab.get_by_label("Password of the PFX").fill("not it")
    await tab.get_by_role("button", name="Store").click()

    await expect(tab.get_by_role("alert")).to_contain_text("AADB2C90213")
    await expect(tab.get_by_label("Name", exact=True)).to_have_value("Wrong")
    assert "not it" not in await tab.content()


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("path", ["/portal/keys", "/portal/keys/new", "/portal/keys/B2C_1A_TokenSigningKeyContainer"])
async def test_pages_of_keys_can_be_read_on_a_phone_and_in_the_dark(served, open_tab, faint_texts, path, dark):
    _, link = served
    watched = await open_tab(f"{link}&back={path}", width=360, dark=dark)
    overflow = await watched.tab.evaluate("document.documentElement.scrollWidth - innerWidth")

    assert overflow <= 0
    assert await faint_texts(watched.tab) == []
