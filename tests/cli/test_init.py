from __future__ import annotations

import asyncio
import base64
import json
import socket
import stat
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from tests.cli.conftest import wait_until_answers

from journeyman.testing.browser import Browser, Page, Redirect

TENANT, POLICY = "contoso.onmicrosoft.com", "B2C_1A_SignUpOrSignIn"
PASSWORD = "Correct-horse-9"


async def sign_up(served, email):
    parameters = {
        "client_id": served.client_id,
        "redirect_uri": f"{served.api}/signed-in",
        "response_type": "id_token",
        "response_mode": "fragment",
    }
    fields = {"email": email, "displayName": "Ada", "newPassword": PASSWORD, "reenterPassword": PASSWORD}
    async with Browser(served.origin) as browser:
        page = await browser.authorize(TENANT, POLICY, parameters)
        assert isinstance(page, Page)
        page = await browser.navigate(page, "unified", local="signup")
        assert isinstance(page, Page)
        answer = await browser.submit(page, fields)
        assert answer.accepted, answer
        back = await browser.go_on(page)
    assert isinstance(back, Redirect)
    payload = back.parameters["id_token"].split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


async def test_a_sign_up_works_and_its_api_call_reaches_the_token(served):
    claims = await sign_up(served, "ada@example.com")

    assert claims["name"] == "Ada"
    assert claims["email"] == "ada@example.com"
    assert claims["customerNumber"] == "C-2266814112"


async def test_the_journey_is_traced_and_a_new_key_is_used_within_two_seconds(served, journeyman, tmp_path):
    wrong = tmp_path / "wrong.txt"
    wrong.write_text("not the password")
    await sign_up(served, "first@example.com")
    good = await newest_journey(journeyman, served)
    added = await add_password(journeyman, served, wrong)
    claims = await sign_up(served, "second@example.com")
    refused = await newest_journey(journeyman, served)
    # The other tests need the right one again.
    await add_password(journeyman, served, served.folder / "keys" / "B2C_1A_RestApiPassword.txt")

    assert added.code == 0
    assert "REST-RegisterCustomer" in good["profiles"]
    assert "customerNumber" not in claims
    assert [entry["verdict"] for entry in refused["entries"] if entry["type"] == "call"] == ["credential_refused"]
    assert "not the password" not in json.dumps(refused) + added.out


async def newest_journey(journeyman, served):
    # Records reach the store some 50 ms after the answer, on a busy machine later.
    await asyncio.sleep(1)
    ended = await asyncio.to_thread(journeyman, "trace", "--dir", served.folder, "--json", "--limit", "1")
    return json.loads(ended.out)[0]


async def add_password(journeyman, served, file):
    order = ("keys", "create", "RestApiPassword", "--secret-file", file, "--add", "--dir", served.folder)
    ended = await asyncio.to_thread(journeyman, *order)
    await asyncio.sleep(2)
    return ended


@pytest.mark.parametrize("credential", [None, "Basic !", "Basic Og==", "Bearer abc", "Basic Y29udG9zbzpub3Q="])
def test_the_sample_api_refuses_a_caller_without_the_right_credential(served, credential):
    request = urllib.request.Request(f"{served.api}/api/customers", b'{"email": "a@b.example"}', method="POST")
    if credential:
        request.add_header("Authorization", credential)
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=5)
    with refused.value as answer:
        assert answer.code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")


def test_the_folder_holds_secrets_that_only_their_owner_reads_and_git_ignores(tmp_path, journeyman):
    folder = tmp_path / "new"
    ended = journeyman("init", folder, "--json")
    password = folder / "keys" / "B2C_1A_RestApiPassword.txt"

    assert ended.code == 0
    assert stat.S_IMODE(password.stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "keys").stat().st_mode) == 0o700
    assert {"keys/", ".journeyman/"} <= set((folder / ".gitignore").read_text().splitlines())
    assert password.read_text() not in ended.out
    assert json.loads(ended.out)["client_id"] in (folder / "journeyman.toml").read_text()


def test_two_folders_have_different_secrets(tmp_path, journeyman):
    for name in ("one", "two"):
        journeyman("init", tmp_path / name)
    one, two = ((tmp_path / name / "keys" / "B2C_1A_RestApiPassword.txt").read_text() for name in ("one", "two"))

    assert len(one) == 43
    assert one != two


def test_the_policies_of_a_new_folder_pass_the_check(tmp_path, journeyman):
    journeyman("init", tmp_path / "new")
    ended = journeyman("check", tmp_path / "new", "--json")

    assert ended.code == 0
    assert [policy["id"] for policy in json.loads(ended.out)["policies"]] == ["B2C_1A_TrustFrameworkBase", POLICY]


def test_a_folder_that_is_not_empty_is_refused_and_stays_as_it_is(tmp_path, journeyman):
    (tmp_path / "notes.txt").write_text("mine")
    ended = journeyman("init", tmp_path)

    assert ended.code == 2
    assert ended.err == f"error: {tmp_path} is not empty; name another folder, or add --force to write into it\n"
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_force_writes_into_a_folder_and_keeps_the_secrets_that_are_there(tmp_path, journeyman):
    journeyman("init", tmp_path / "new")
    secret = tmp_path / "new" / "keys" / "B2C_1A_RestApiPassword.txt"
    before = secret.read_text()
    ended = journeyman("init", tmp_path / "new", "--force")

    assert ended.code == 0
    assert secret.read_text() == before


def test_a_file_in_place_of_the_folder_is_refused(tmp_path, journeyman):
    (tmp_path / "file").write_text("x")
    ended = journeyman("init", tmp_path / "file")

    assert (ended.code, ended.err) == (2, f"error: {tmp_path / 'file'} is a file; name a folder\n")


@pytest.fixture
def sample_api():
    """Start the sample API of a folder; return its origin."""
    running = []

    def start(folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        running.append(subprocess.Popen([sys.executable, folder / "api" / "server.py", "--port", str(port)]))
        wait_until_answers(f"http://127.0.0.1:{port}/signed-in")
        return f"http://127.0.0.1:{port}"

    yield start
    for process in running:
        process.kill()
        process.wait()


async def prove(served, browser, page, email):
    form = {"claim_id": "email", "claim_value": email}
    await browser.post(page, "SelfAsserted", {"request_type": "VERIFICATION_REQUEST", **form})
    code = (await served.engine.mailbox.list())[0].message.code
    await browser.post(page, "SelfAsserted", {"request_type": "VALIDATION_REQUEST", **form, "user_input": code})


async def test_a_folder_with_a_user_flow_works_and_its_api_is_asked(journeyman, open_tenant, serve_tenant, sample_api):
    folder = open_tenant.folder
    made = json.loads(journeyman("init", folder, "--user-flow", "--json").out)
    api = await asyncio.to_thread(sample_api, folder)
    settings = folder / "journeyman.toml"
    settings.write_text(settings.read_text().replace("http://127.0.0.1:7071", api))
    served = await serve_tenant()
    answer = {"redirect_uri": f"{api}/signed-in", "response_type": "id_token", "response_mode": "fragment"}
    async with Browser(served.origin) as browser:
        page = await browser.authorize(TENANT, "B2C_1_signup_signin", {"client_id": made["client_id"], **answer})
        page = await browser.navigate(page, "unified", local="signup")
        fields = {"displayName": "Ada", "newPassword": PASSWORD, "reenterPassword": PASSWORD}
        await prove(served, browser, page, "eve@refused.example")
        refused = await browser.submit(page, {**fields, "email": "eve@refused.example"})
        await prove(served, browser, page, "ada@example.com")
        accepted = await browser.submit(page, {**fields, "email": "ada@example.com"})
        payload = (await browser.go_on(page)).parameters["id_token"].split(".")[1]

    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert "B2C_1_signup_signin" in made["open"]
    assert not (folder / "policies").exists()
    assert refused.message == "We do not accept addresses of this domain."
    assert accepted.accepted
    assert (claims["emails"], claims["extension_CustomerNumber"]) == (["ada@example.com"], "C-2266814112")


def test_a_folder_with_a_user_flow_passes_the_check(tmp_path, journeyman):
    journeyman("init", tmp_path / "new", "--user-flow")

    assert journeyman("check", tmp_path / "new").code == 0
