"""``journeyman deploy`` as a build server runs it: over TLS with a token of its own, and beside a running server."""

from __future__ import annotations

import json
import re
import time

import pytest
import trustme
from acceptance_browser import get
from acceptance_folder import TENANT, Folder
from clients_caller import hire, until

from journeyman.cli.app import run as command

ROLE = "Policy.ReadWrite.TrustFramework"


@pytest.fixture
def release(tmp_path, xml):
    """A folder with one policy of the tenant; ``release("B2C_1A_Up", mark="2")`` writes it."""
    folder = tmp_path / "release"
    folder.mkdir()

    def write(id, *, mark="", broken=False):
        profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
        text = xml.policy(xml.step(Id="Nobody" if broken else "Id"), profiles=(profile,), id=id)
        text = text.replace("contoso.onmicrosoft.com", TENANT)
        (folder / f"{id}.xml").write_text(
            text.replace("</TrustFrameworkPolicy>", f"<!-- {mark} --></TrustFrameworkPolicy>")
        )
        return folder

    return write


@pytest.fixture
def run(capfd, monkeypatch):
    """Run a command in this process, with these environment variables and no others of ours."""

    def call(*arguments, **variables):
        for name in ("JOURNEYMAN_CLIENT_ID", "JOURNEYMAN_CLIENT_SECRET"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            command([str(argument) for argument in arguments])
        printed = capfd.readouterr()
        assert "Traceback" not in printed.err, printed.err
        return int(ended.value.code or 0), printed.out, printed.err

    return call


@pytest.fixture(scope="module")
def deployer(front):
    """The variables of an application that may publish at the server behind the TLS front."""
    home = front.home
    for name in ("B2C_1A_TokenSigningKeyContainer", "B2C_1A_TokenEncryptionKeyContainer"):
        use = "sig" if "Signing" in name else "enc"
        home.run("keys", "generate", name, "--type", "rsa", "--use", use)
    caller = hire(home, ROLE, origin=front.origin)
    return {"JOURNEYMAN_CLIENT_ID": caller.client_id, "JOURNEYMAN_CLIENT_SECRET": caller.secret}


def test_a_folder_is_published_to_a_server_over_tls_and_taken_back(run, front, deployer, release):
    to = ("--to", f"{front.origin}/{TENANT}", "--trust", front.ca_file)
    folder = release("B2C_1A_Tls")

    planned = run("deploy", folder, "--plan", *to, **deployer)
    code, out, err = run("deploy", folder, "--yes", "--note", "from a build", "--json", *to, **deployer)
    again = run("deploy", folder, "--yes", *to, **deployer)
    listed = run("releases", "list", *to, **deployer)
    back = run("releases", "rollback", "0", "--yes", *to, **deployer)

    assert (planned[0], code, again[0], listed[0], back[0]) == (0, 0, 0, 0, 0), (planned, out, err)
    assert json.loads(out)["plan"]["added"] == ["B2C_1A_Tls"]
    assert json.loads(out)["release"]["note"] == "from a build"
    assert again[1].endswith("nothing to do\n")
    assert "from a build" in listed[1]
    assert deployer["JOURNEYMAN_CLIENT_SECRET"] not in out + err + listed[1] + back[1]


def test_the_tenant_is_the_one_that_all_policies_name(run, front, deployer, release):
    folder = release("B2C_1A_Tls")
    text = (folder / "B2C_1A_Tls.xml").read_text()
    assert TENANT in text

    code, _, err = run("deploy", folder, "--plan", "--to", front.origin, "--trust", front.ca_file, **deployer)

    # The placeholder of the tenant folder names nobody.
    assert (code, "say which tenant" in err) == (2, True)


def test_errors_of_a_folder_are_told_with_file_and_line(run, front, deployer, release):
    to = ("--to", f"{front.origin}/{TENANT}", "--trust", front.ca_file)

    code, out, _ = run("deploy", release("B2C_1A_Bad", broken=True), "--yes", *to, **deployer)

    assert code == 1
    assert re.search(r"^error: B2C_1A_Bad\.xml:\d+:\d+: JM\d{4} .*Nobody", out, re.MULTILINE)


def test_an_unknown_authority_and_a_wrong_secret_are_refused_in_words(run, front, deployer, release, tmp_path):
    folder, to = release("B2C_1A_Tls"), ("--to", f"{front.origin}/{TENANT}")
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))

    unknown = run("deploy", folder, "--plan", *to, **deployer)
    other = run("deploy", folder, "--plan", *to, "--trust", tmp_path / "other.pem", **deployer)
    wrong = run(
        "deploy",
        folder,
        "--plan",
        *to,
        "--trust",
        front.ca_file,
        **{**deployer, "JOURNEYMAN_CLIENT_SECRET": "Canary-x"},
    )

    assert (unknown[0], other[0], wrong[0]) == (1, 1, 1)
    assert "TLS failed" in unknown[2]
    assert "TLS failed" in other[2]
    assert "gives no token" in wrong[2]
    assert "Canary-x" not in wrong[1] + wrong[2]


def test_proxies_of_the_environment_are_not_asked(run, front, deployer, release):
    to = ("--to", f"{front.origin}/{TENANT}", "--trust", front.ca_file)
    proxies = dict.fromkeys(("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "HTTP_PROXY"), "http://127.0.0.1:1")

    code, _, err = run("deploy", release("B2C_1A_Tls"), "--plan", *to, **deployer, **proxies)

    assert code == 0, err


def test_a_reader_may_look_and_not_publish(run, front, release):
    caller = hire(front.home, "Policy.Read.All", origin=front.origin)
    variables = {"JOURNEYMAN_CLIENT_ID": caller.client_id, "JOURNEYMAN_CLIENT_SECRET": caller.secret}
    to = ("--to", f"{front.origin}/{TENANT}", "--trust", front.ca_file)

    listed = run("releases", "list", *to, **variables)
    refused = run("deploy", release("B2C_1A_Tls"), "--yes", *to, **variables)

    assert listed[0] == 0
    assert (refused[0], "refused with 403" in refused[2]) == (1, True)


def test_a_release_by_the_command_line_is_served_by_a_running_server_within_two_seconds(run, tmp_path, release):
    home = Folder(tmp_path / "tenant").write().token_keys()
    up = home.up()
    address = f"{up.origin}/{TENANT}/B2C_1A_Up/v2.0/.well-known/openid-configuration"
    try:
        assert get(address).status != 200
        code, _, err = run("deploy", release("B2C_1A_Up"), "--yes", "--dir", home.path)
        started = time.monotonic()

        assert (code, err) == (0, "")
        assert until(lambda: get(address).status == 200, within_s=2), time.monotonic() - started
        assert until(lambda: "release 1 of the uploaded policies is served: 1 policy" in up.log, within_s=1)
    finally:
        home.end_all()
