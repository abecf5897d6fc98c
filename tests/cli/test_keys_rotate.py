"""Rotation as an operator does it: a tenant folder of ``init``, and an API that knows some of the passwords."""

from __future__ import annotations

import base64
import json
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

NAME = "RestApiPassword"
USER = "journeyman"


class Api(BaseHTTPRequestHandler):
    def do_HEAD(self):
        api = self.server
        sent = self.headers.get("Authorization", "").removeprefix("Basic ")
        password = base64.b64decode(sent).decode().partition(":")[2]
        api.seen.append((self.command, self.path, password))
        self.send_response(api.status or (200 if password in api.known else 401))
        self.end_headers()

    def do_POST(self):
        """Be a token endpoint."""
        self.rfile.read(int(self.headers["Content-Length"]))
        sent = self.headers.get("Authorization", "").removeprefix("Basic ")
        password = base64.b64decode(sent).decode().partition(":")[2]
        self.server.seen.append((self.command, self.path, password))
        good = password in self.server.known
        body = b'{"access_token":"t","expires_in":60}' if good else b'{"error":"invalid_client"}'
        self.send_response(200 if good else 401)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_OPTIONS = do_HEAD  # noqa: N815  # names of the standard library

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def api():
    """An API; ``known`` are the passwords it lets in, ``status`` what it answers to everybody."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
    server.known, server.seen, server.status = {"new"}, [], 0
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def folder(journeyman, tmp_path, api):
    folder = tmp_path / "contoso"
    journeyman("init", folder)
    for path in (folder / "keys").iterdir():
        path.unlink()
    toml = folder / "journeyman.toml"
    toml.write_text(toml.read_text().replace(":7071", f":{api.server_port}"))
    for name, value in (("RestApiUsername", USER), (NAME, "old")):
        secret = tmp_path / name
        secret.write_text(value)
        journeyman("keys", "create", name, "--secret-file", secret, "--dir", folder)
    return folder


@pytest.fixture
def rotate(journeyman, folder, tmp_path):
    (tmp_path / "new").write_text("new\n")
    (tmp_path / "wrong").write_text("wrong\n")

    def call(*arguments, name=NAME):
        return journeyman("keys", "rotate", name, *arguments, "--dir", folder)

    return call


@pytest.fixture
def rehearsal(folder):
    def set_to(text):
        toml = folder / "journeyman.toml"
        toml.write_text(toml.read_text().replace("retries = 1\n", f'retries = 1\nrehearsal = "{text}"\n'))

    return set_to


@pytest.fixture
def new(tmp_path):
    return "--secret-file", tmp_path / "new"


@pytest.fixture
def wrong(tmp_path):
    return "--secret-file", tmp_path / "wrong"


def shown(ended, code=0):
    assert ended.code == code, ended.err
    return json.loads(ended.out)


def lights(done):
    return [(one["light"], one["user"], one["text"]) for one in done["rehearsals"]]


def test_a_new_version_that_the_api_knows_is_green_and_promoted(rotate, rehearsal, new, api):
    rehearsal("HEAD")
    done = shown(rotate(*new, "--json"))

    assert (done["state"], done["in_use"] != done["previous"]) == ("promoted", True)
    assert lights(done) == [
        ("green", "REST-RegisterCustomer", "accepted the new version: 200; without a credential 401")
    ]
    assert api.seen == [("HEAD", "/api/customers", "new"), ("HEAD", "/api/customers", "")]


def test_a_version_that_the_api_refuses_is_red_and_stays_staged(rotate, rehearsal, wrong):
    rehearsal("HEAD")
    done = shown(rotate(*wrong, "--json"), code=1)

    assert (done["state"], lights(done)) == (
        "staged",
        [("red", "REST-RegisterCustomer", "refused the new version: 401")],
    )
    assert done["waiting"].startswith("not promoted, because a call is red")
    assert shown(rotate("--promote", "--json"), code=1)["state"] == "staged"
    assert shown(rotate("--promote", "--force", "--json"))["state"] == "promoted"


def test_without_a_rehearsal_nothing_is_sent(rotate, new, api):
    done = shown(rotate(*new, "--json"))

    assert (done["state"], api.seen) == ("promoted", [])
    assert lights(done)[0][0] == "dry"
    assert 'set rehearsal = "HEAD"' in lights(done)[0][2]


def test_a_dry_run_sends_nothing_and_stops_at_staged(rotate, rehearsal, new, api):
    rehearsal("OPTIONS")
    done = shown(rotate(*new, "--dry-run", "--json"))

    assert (done["state"], api.seen) == ("staged", [])
    assert lights(done) == [("dry", "REST-RegisterCustomer", "nothing was sent: this is a dry run")]


def test_a_path_of_its_own_is_rehearsed(rotate, rehearsal, new, api):
    rehearsal("GET /api/ping?deep=1")
    shown(rotate(*new, "--json"))

    assert [entry[:2] for entry in api.seen] == [("GET", "/api/ping?deep=1")] * 2


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (200, "answered 200, but without a credential too (200); try another rehearsal"),
        (405, "answered 405, which says nothing of the credential; try another rehearsal"),
    ],
)
def test_an_api_that_answers_everybody_alike_has_proved_nothing(rotate, rehearsal, new, api, status, text):
    rehearsal("HEAD")
    api.status = status

    assert lights(shown(rotate(*new, "--stage", "--json"))) == [("unproved", "REST-RegisterCustomer", text)]


def test_an_api_that_does_not_answer_has_proved_nothing(rotate, rehearsal, new, folder, api):
    rehearsal("HEAD")
    toml = folder / "journeyman.toml"
    toml.write_text(toml.read_text().replace(f":{api.server_port}", ":1"))
    ((light, _, text),) = lights(shown(rotate(*new, "--stage", "--json")))

    assert (light, text.startswith("no answer: 127.0.0.1")) == ("unproved", True)


def test_a_secret_that_makes_no_header_is_red_before_anything_is_sent(rotate, journeyman, folder, tmp_path, api):
    for path in (folder / "policies").glob("*.xml"):
        text = path.read_text().replace('Key="AuthenticationType">Basic', 'Key="AuthenticationType">Bearer')
        path.write_text(text.replace('Id="BasicAuthenticationPassword"', 'Id="BearerAuthenticationToken"'))
    (tmp_path / "two").write_text("two\r\nlines")
    done = shown(rotate("--secret-file", tmp_path / "two", "--json"), code=1)

    assert (done["state"], lights(done)[0][0], api.seen) == ("staged", "red", [])
    assert "two" not in json.dumps(done["rehearsals"])


def test_every_step_is_visible_and_can_be_undone(rotate, new):
    states = [
        shown(rotate(*arguments, "--json"))["state"]
        for arguments in (
            (*new, "--stage"),
            ("--undo",),
            (*new, "--stage"),
            ("--promote",),
            ("--undo",),
            ("--promote",),
            (),
            ("--retire",),
            ("--undo",),
            ("--retire",),
            ("--status",),
        )
    ]

    assert states == (
        [
            "staged",
            "idle",
            "staged",
            "promoted",
            "staged",
            "promoted",
            "promoted",
            "retired",
            "promoted",
            "retired",
            "retired",
        ]
    )


def test_the_text_says_how_it_stands_and_what_is_next(rotate, new):
    staged = rotate(*new, "--stage").out
    promoted = rotate("--promote", "--keep", "2").out
    retired = rotate("--retire").out

    assert staged.startswith("B2C_1A_RestApiPassword  staged\n  in use    kid ")
    assert staged.endswith("next: journeyman keys rotate B2C_1A_RestApiPassword --promote, or --undo to drop it\n")
    assert "the previous version is kept until" in promoted
    assert retired.endswith("--undo brings the previous version back\n")
    assert "new\n" not in staged + promoted + retired


def test_a_signing_key_is_published_and_promoted_later(rotate, journeyman, folder):
    journeyman("keys", "generate", "TokenSigningKeyContainer", "--dir", folder)
    staged = shown(rotate("--generate", "--json", name="TokenSigningKeyContainer"))
    early = rotate("--promote", name="TokenSigningKeyContainer")
    promoted = shown(rotate("--promote", "--force", "--json", name="TokenSigningKeyContainer"))
    retired = rotate("--retire", name="TokenSigningKeyContainer")

    assert (staged["state"], staged["waiting"].startswith("published; --promote it from")) == ("staged", True)
    assert (early.code, "clients may not have read its next version yet" in early.err) == (1, True)
    assert promoted["state"] == "promoted"
    assert (retired.code, "tokens that the previous version of" in retired.err) == (1, True)
    assert shown(rotate("--retire", "--force", "--json", name="TokenSigningKeyContainer"))["state"] == "retired"


def test_a_secret_that_is_made_here_waits_until_the_api_has_it(rotate, tmp_path):
    refused = rotate("--generate")
    staged = shown(rotate("--generate", "--secret-out", tmp_path / "out", "--json"))

    assert (refused.code, "name a file for it with --secret-out FILE" in refused.err) == (2, True)
    assert (staged["state"], staged["waiting"].startswith(f"staged; give {tmp_path / 'out'} to")) == ("staged", True)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "out").read_text()) == 44


def test_a_secret_that_was_not_staged_leaves_no_file(rotate, new, tmp_path):
    rotate(*new)
    refused = rotate("--generate", "--secret-out", tmp_path / "out")

    assert (refused.code, "is promoted: there is nothing to stage" in refused.err) == (1, True)
    assert not (tmp_path / "out").exists()


def test_a_certificate_is_renewed_like_the_old_one_and_its_public_part_comes_first(
    journeyman, folder, rotate, tmp_path
):
    journeyman("certs", "self-signed", "api", "--key", "Cert", "--out", tmp_path, "--dir", folder)
    shown(rotate("--generate", "--stage", "--json", name="Cert"))
    certs = [
        json.loads(journeyman("certs", "show", "--key", "Cert", *option, "--json", "--dir", folder).out)["chain"][0]
        for option in ((), ("--staged",))
    ]

    assert certs[0]["subject"] == certs[1]["subject"] == "CN=api.contoso.onmicrosoft.com"
    assert certs[0]["sha256_thumbprint"] != certs[1]["sha256_thumbprint"]
    assert shown(rotate("--promote", "--json", name="Cert"))["state"] == "promoted"


def test_an_authority_renews_itself_and_issues_the_next_certificate(journeyman, folder, rotate, tmp_path):
    journeyman("certs", "ca", "Clients", "--key", "Ca", "--out", tmp_path, "--dir", folder)
    journeyman("certs", "issue", "api", "--ca-key", "Ca", "--key", "Cert", "--out", tmp_path, "--dir", folder)
    without = rotate("--generate", name="Cert")

    assert (without.code, "was issued by CN=Clients; name the policy key of the authority" in without.err) == (1, True)
    assert shown(rotate("--generate", "--json", name="Ca"))["state"] == "promoted"
    assert shown(rotate("--generate", "--ca-key", "Ca", "--json", name="Cert"))["state"] == "promoted"


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        ((), 2, "where is the next version? name one of --secret-file"),
        (("--generate", "--secret-stdin"), 2, "where is the next version?"),
        (("--undo",), 1, "is idle: there is nothing to undo; possible now: stage"),
        (("--promote", "--undo"), 2, "--promote and --undo exclude each other"),
        (("--promote", "--generate"), 2, "--promote takes no new version"),
        (("--status", "--ca-key", "X"), 2, "--ca-key and --secret-out belong to --generate"),
        (("--generate", "--keep", "-1"), 2, "--keep -1 is not from 0 to 8760 hours"),
        (("--file", "missing.pfx"), 2, "missing.pfx: the file cannot be read"),
    ],
)
def test_a_wrong_call_says_what_to_do(rotate, arguments, code, text):
    ended = rotate(*arguments)

    assert (ended.code, ended.out) == (code, "")
    assert text in ended.err


def test_a_second_new_version_is_refused_while_one_is_staged(rotate, new, wrong):
    rotate(*new, "--stage")
    refused = rotate(*wrong)

    assert (refused.code, "is staged already; --undo drops it" in refused.err) == (1, True)


def test_a_key_pair_has_no_secret_to_write_and_a_file_of_two_keys_is_no_version(rotate, journeyman, folder, tmp_path):
    journeyman("keys", "generate", "Pair", "--dir", folder)
    (tmp_path / "two.jwks").write_text('{"keys":[{"kty":"oct","k":"YQ"},{"kty":"oct","k":"Yg"}]}')

    assert "--secret-out is for a secret" in rotate("--generate", "--secret-out", tmp_path / "x", name="Pair").err
    assert "takes one key, this file holds 2" in rotate("--file", tmp_path / "two.jwks").err


def test_a_deleted_key_and_a_folder_without_store_are_refused(journeyman, rotate, tenant):
    deleted = rotate("--status", name=f"{NAME}.bak")
    without = journeyman("keys", "rotate", NAME, "--status", "--dir", tenant)

    assert (deleted.code, "`journeyman keys restore B2C_1A_RestApiPassword.bak`" in deleted.err) == (2, True)
    assert (without.code, "has no store yet; `journeyman keys create" in without.err) == (1, True)
    assert not (tenant / ".journeyman").exists()


def test_keys_show_tells_the_stage_of_each_key(journeyman, folder, rotate, new):
    def statuses():
        shown = json.loads(journeyman("keys", "show", NAME, "--json", "--dir", folder).out)
        return [key["status"] for key in shown["keys"]]

    rotate(*new, "--stage")
    staged = statuses()
    rotate("--promote")
    promoted = statuses()
    rotate("--retire")

    assert (staged, promoted, statuses()) == (["active", "staged"], ["superseded", "active"], ["retired", "active"])


# --- managed bearer ------------------------------------------------------------------------------


@pytest.fixture
def managed(folder, api):
    toml = folder / "journeyman.toml"
    bearer = f'token_url = "http://127.0.0.1:{api.server_port}/token"\nclient_id = "engine"\nkey = "B2C_1A_{NAME}"\n'
    toml.write_text(f'{toml.read_text()}\n[profiles."REST-RegisterCustomer".bearer]\n{bearer}')


@pytest.mark.usefixtures("managed")
def test_a_new_version_of_a_managed_bearer_is_shown_to_the_token_endpoint(rotate, new, api):
    done = shown(rotate(*new, "--json"))

    assert done["state"] == "promoted"
    assert set(lights(done)) == {
        ("dry", "REST-RegisterCustomer", "nothing was sent: a managed bearer replaces this key of the profile"),
        ("green", "REST-RegisterCustomer", "the token endpoint gave a token to the new version"),
    }
    assert api.seen == [("POST", "/token", "new")]


@pytest.mark.usefixtures("managed")
def test_a_version_that_the_token_endpoint_refuses_is_red(rotate, wrong):
    done = shown(rotate(*wrong, "--json"), code=1)

    assert ("red", "REST-RegisterCustomer") in {light[:2] for light in lights(done)}
    assert any("the token endpoint answered 401 invalid_client" in text for _, _, text in lights(done))


@pytest.mark.usefixtures("managed")
def test_a_dry_run_asks_no_token_endpoint(rotate, new, api):
    done = shown(rotate(*new, "--dry-run", "--json"))

    assert (done["state"], api.seen) == ("staged", [])
    assert ("dry", "REST-RegisterCustomer", "nothing was sent: this is a dry run") in lights(done)


@pytest.mark.usefixtures("managed")
def test_a_token_endpoint_that_does_not_answer_proves_nothing(rotate, new, api, folder):
    toml = folder / "journeyman.toml"
    toml.write_text(toml.read_text().replace(f"http://127.0.0.1:{api.server_port}/token", "http://127.0.0.1:1/token"))
    done = shown(rotate(*new, "--json"))

    assert "unproved" in {light for light, _, _ in lights(done)}


def test_every_step_and_every_rehearsal_is_in_the_audit_trail(rotate, rehearsal, new, journeyman, folder, api):
    rehearsal("HEAD")
    rotate(*new)
    rotate("--retire")
    rotate("--undo")
    entries = json.loads(journeyman("audit", "list", "--json", "--dir", folder).out)
    entries = entries if isinstance(entries, list) else entries["entries"]
    mine = [entry for entry in entries if entry["target"] == "B2C_1A_RestApiPassword"]

    assert sorted(entry["activity"] for entry in mine) == [
        "Create policy key",
        "Promote key of policy key",
        "Rehearse key of policy key",
        "Retire key of policy key",
        "Stage key of policy key",
        "Undo rotation of policy key",
    ]
    assert '"REST-RegisterCustomer": "green: HEAD https://your-api.azurewebsites.net/api/customers"' in json.dumps(mine)
    assert journeyman("audit", "verify", "--dir", folder).code == 0


def test_a_running_engine_in_another_process_publishes_a_staged_key_within_two_seconds(served, journeyman):
    name = "TokenSigningKeyContainer"
    staged = shown(journeyman("keys", "rotate", name, "--generate", "--json", "--dir", served.folder))
    began = time.monotonic()
    url = f"{served.origin}/contoso.onmicrosoft.com/B2C_1A_SignUpOrSignIn/discovery/v2.0/keys"
    while True:
        with urllib.request.urlopen(url, timeout=5) as answer:
            if staged["staged"] in {key["kid"] for key in json.load(answer)["keys"]}:
                break
        assert time.monotonic() - began < 2
        time.sleep(0.02)
    assert shown(journeyman("keys", "rotate", name, "--undo", "--json", "--dir", served.folder))["state"] == "idle"
