"""The commands of docs/how-to/manage-user-flows.md do what the page says."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "manage-user-flows.md"
MISSING = [tool for tool in ("bash", "curl") if shutil.which(tool) is None]


def script(origin: str) -> str:
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return "\n".join(blocks).replace("http://127.0.0.1:8080", origin)


@pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")
async def test_the_commands_make_a_flow_that_is_served_and_a_connector_with_new_credentials(travel):
    engine = (await travel("\n")).served.engine
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euo", "pipefail", "-c", script(engine.origin)],
        cwd=engine.settings.folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (connector,), (flow,) = engine.identity.api_connectors, engine.identity.user_flows
    assert (connector.display_name, type(connector.credentials).__name__) == ("Loyalty", "StaticBearerCredentials")
    assert [*flow.connectors.values()] == [connector.id]
    assert [each.attribute for each in flow.attributes] == ["displayName"]
    assert "b2c_1_signup_signin" in engine.policies.served
    assert "change me" not in done.stdout + done.stderr
