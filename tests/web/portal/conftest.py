"""Let the tests of this folder import ``portal_frame``, and sign in at a real engine.

* ``portal``: a browser as far as forms go, signed in at ``site`` by the link of a development engine.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parent))

from portal_browser import PortalBrowser  # after the path is set


@pytest_asyncio.fixture
async def portal(site, http):
    """A signed-in browser: ``await portal.get("/portal/keys")``, ``await portal.post("/portal/keys/new", {...})``."""
    browser = PortalBrowser(site, http)
    await browser.open_link()
    return browser
