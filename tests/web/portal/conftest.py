"""Let the tests of this folder import ``portal_frame``, and sign in at a real engine.

* ``portal``: a browser as far as forms go, signed in at ``site`` by the link of a development engine.
* ``production``: an engine in production mode with the administrator ada@contoso.com.
* ``ada``: her browser, signed in there.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest_asyncio

from journeyman.management.administrators import Administrators
from journeyman.secret import Secret

sys.path.insert(0, str(Path(__file__).parent))

from portal_browser import PortalBrowser  # after the path is set


@pytest_asyncio.fixture
async def portal(site, http):
    """A signed-in browser: ``await portal.get("/portal/keys")``, ``await portal.post("/portal/keys/new", {...})``."""
    browser = PortalBrowser(site, http)
    await browser.open_link()
    return browser


PASSWORD = "Analytical-1843"


async def add_administrator(site, email="ada@contoso.com", roles=()):
    engine = site.engine
    administrators = Administrators(engine.console.users, engine.audit, engine.tenant.id)
    return await administrators.add(email, "Ada", roles, Secret(PASSWORD), engine.console.passwords, actor="test")


@pytest_asyncio.fixture
async def production(deploy):
    site = await deploy(server='mode = "production"')
    await add_administrator(site)
    return site


@pytest_asyncio.fixture
async def ada(production, http):
    browser = PortalBrowser(production, http)
    assert (await browser.sign_in("ada@contoso.com", PASSWORD)).status == 303
    await browser.get("/portal/me")
    return browser
