"""The Graph client and the OpenID client of npm, as the deployment action combines them, through a TLS front."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from acceptance_folder import TENANT
from acceptance_policy import call
from clients_caller import ALL_ROLES, hire

FOLDER = Path(__file__).parent / "graph_client"


@pytest.fixture(scope="module")
def program(tmp_path_factory):
    """Install the clients beside a copy of the program."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("NOT TESTED: node and npm are missing, so the Graph client for JavaScript was not run")
    folder = tmp_path_factory.mktemp("graph-client")
    for name in ("package.json", "package-lock.json", "deploy.mjs"):
        shutil.copy(FOLDER / name, folder / name)
    arguments = [npm, "ci", "--no-audit", "--no-fund", "--silent", "--ignore-scripts"]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        pytest.skip(f"NOT TESTED: the Graph client cannot be installed from npm: {done.stderr[-300:]}")
    return folder / "deploy.mjs"


def deploy(program, front, policies):
    """Run the program; return what it says."""
    caller = hire(front.home, *ALL_ROLES, origin=front.origin)
    given = {"origin": front.origin, "tenant": TENANT, "policies": policies}
    given |= {"clientId": caller.client_id, "clientSecret": caller.secret}
    environment = {"PATH": os.environ["PATH"], "NODE_EXTRA_CA_CERTS": str(front.ca_file), "NODE_NO_WARNINGS": "1"}
    done = subprocess.run(
        ["node", program, json.dumps(given)],
        cwd=program.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_policies_are_uploaded_and_a_refusal_has_its_message(program, front, tmp_path):
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_text(call("JavaScript", "https://api.example/ok"))
    bad.write_text(
        good.read_text()
        .replace("B2C_1A_JavaScript", "B2C_1A_Bad")
        .replace('ReferenceId="Journey"', 'ReferenceId="Gone"')
    )
    steps = deploy(program, front, [["B2C_1A_JavaScript", str(good)], ["B2C_1A_Bad", str(bad)]])

    assert steps[0] == {"name": "B2C_1A_JavaScript", "uploaded": True}
    assert (steps[1]["statusCode"], steps[1]["code"]) == (400, "AADB2C")
    assert 'UserJourney with id "Gone"' in steps[1]["message"]
    assert "B2C_1A_JavaScript" in steps[2]["policies"]
    assert steps[3] == {"statusCode": 404, "code": "AADB2C90073", "requestId": True}
