"""The commands of docs/how-to/management-api.md do what the page says, and its client works."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.asyncio(loop_scope="session")
PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "management-api.md").read_text(encoding="utf-8")
MISSING = [tool for tool in ("bash", "curl") if shutil.which(tool) is None]


def blocks(language):
    return "\n".join(re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
async def test_the_commands_make_a_user_and_an_application(shared_site):
    script = blocks("bash").replace("http://127.0.0.1:8080", shared_site.origin)
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=shared_site.engine.settings.folder,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    user = await shared_site.engine.users.find_by_sign_in_name("ada@example.com")
    names = [one.name for one in await shared_site.engine.applications.all()]

    assert done.returncode == 0, done.stdout + done.stderr
    assert (user.attributes["city"], user.account_enabled) == ("London", False)
    assert '"@odata.count":' in done.stdout
    assert "Shop" in names


LISTING = """
import asyncio, sys

async def main():
    found = client(sys.argv[1], sys.stdin.read())
    print(len((await found.users.get()).value))
    print(*[one.display_name for one in (await found.applications.get()).value], sep="\\n")

asyncio.run(main())
"""


async def test_the_client_lists_users_and_applications(shared_site, shared_api):
    # In a process of its own, because the client warns and leaves connections open.
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", blocks("python") + LISTING, shared_site.origin],
        input=shared_api.token,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    number, *names = done.stdout.splitlines()

    assert int(number) == len((await shared_api("GET", "users")).json["value"]), done.stderr
    assert "IdentityExperienceFramework" in names
