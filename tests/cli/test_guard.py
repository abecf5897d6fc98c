"""``journeyman guard``: what it writes lets in exactly the calls of the policy."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from journeyman.keys.certificate import self_signed
from journeyman.secret import Secret
from journeyman_guard import GuardRequest, Refused, load_guard

SECRET = "canary-0f9c2b7d1e"
PROFILES = {
    "REST-Basic": (
        {"AuthenticationType": "Basic", "ServiceUrl": "https://api.example/loyalty/{x}?a=b", "SendClaimsIn": "Url"},
        ("BasicAuthenticationUsername", "BasicAuthenticationPassword"),
    ),
    "REST-Key": ({"AuthenticationType": "ApiKeyHeader", "ServiceUrl": "https://api.example/key"}, ("x-key",)),
    "REST-Token": (
        {"AuthenticationType": "Bearer", "ServiceUrl": "https://api.example/gifts(1)/a%20b/c"},
        ("BearerAuthenticationToken",),
    ),
    "REST-Certificate": (
        {"AuthenticationType": "ClientCertificate", "ServiceUrl": "https://api.example/members"},
        ("ClientCertificate",),
    ),
    "REST-Claim": (
        {
            "AuthenticationType": "Bearer",
            "UseClaimAsBearerToken": "token",
            "ServiceUrl": "https://api.example/benefits",
        },
        (),
    ),
    "REST-Open": ({"AuthenticationType": "None", "ServiceUrl": "https://api.example/open"}, ()),
}


def _keys(names):
    items = "".join(f'<Key Id="{name}" StorageReferenceId="B2C_1A_{name}" />' for name in names)
    return f"<CryptographicKeys>{items}</CryptographicKeys><InputClaims>" if names else "<InputClaims>"


@pytest.fixture
def folder(tenant, xml, monkeypatch):
    profiles = []
    for name, (metadata, keys) in PROFILES.items():
        inputs = ("email", "token") if name == "REST-Claim" else ("email",)
        made = xml.profile(name, "rest", metadata=metadata, inputs=inputs, outputs=("tier",))
        profiles.append(made.replace("<InputClaims>", _keys(keys)))
    acquire = {"AuthenticationType": "None", "ServiceUrl": "https://login.example/token", "SendClaimsIn": "Form"}
    inputs = ('email PartnerClaimType="scope" DefaultValue="api://gifts/.default"',)
    profiles.append(xml.profile("REST-Acquire", "rest", metadata=acquire, inputs=inputs, outputs=("token",)))
    page = xml.profile("Page", "page", outputs=("email",), validations=tuple(PROFILES))
    text = xml.policy(
        xml.step(Ask="Page"),
        claims=(xml.claim("email"), xml.claim("token"), xml.claim("tier")),
        profiles=(*profiles, page),
        outputs=('objectId DefaultValue="u"',),
        subject="",
        id="B2C_1A_Test",
    )
    (tenant / "policies" / "test.xml").write_text(text, encoding="utf-8")
    (tenant / "keys").mkdir()
    for name in ("BasicAuthenticationPassword", "x-key", "BearerAuthenticationToken"):
        (tenant / "keys" / f"B2C_1A_{name}.txt").write_text(SECRET, encoding="utf-8")
    (tenant / "keys" / "B2C_1A_BasicAuthenticationUsername.txt").write_text("journeys", encoding="utf-8")
    issued = self_signed("CN=api", now=datetime.now(UTC))
    (tenant / "keys" / "B2C_1A_ClientCertificate.pfx").write_bytes(issued.pfx(Secret("")))
    monkeypatch.chdir(tenant)
    return tenant


@pytest.fixture
def init(journeyman, folder):
    return lambda *names: journeyman(
        "guard", "init", *(part for name in names for part in ("--for", name)), "--output", "guard.toml"
    )


GUARDED = ("REST-Basic", "REST-Key", "REST-Token", "REST-Certificate")


def test_what_is_written_lets_every_profile_in_and_holds_no_secret(journeyman, folder, init):
    ended = init(*GUARDED)
    text = (folder / "guard.toml").read_text()

    assert (ended.code, SECRET in text) == (0, False)
    assert '"GET /loyalty/{x}" = "rest-basic"' in text
    assert '"POST /gifts(1)/**" = "rest-token"' in text
    checked = journeyman("guard", "check")
    assert checked.code == 0
    lines = [line.split("  ") for line in checked.out.splitlines()]
    assert {line[0]: line[2] for line in lines} == {
        "REST-Basic": "gets in: journeys",
        "REST-Key": "gets in: REST-Key",
        "REST-Token": "gets in: REST-Token",
        "REST-Certificate": "gets in: CN=api",
        "REST-Claim": "no route of this guard",
        "REST-Open": "no route of this guard",
        "REST-Acquire": "no route of this guard",
    }


async def test_a_stranger_is_refused_by_what_is_written(folder, init):
    import asyncio

    await asyncio.to_thread(init, "REST-Key")
    guard = load_guard(folder / "guard.toml")

    with pytest.raises(Refused, match="not known"):
        await guard.admit(GuardRequest("POST", "/key", ((b"x-key", b"other"),)))


@pytest.mark.parametrize(
    ("change", "profile", "reason"),
    [
        ("B2C_1A_x-key.txt", "REST-Key", "the API key is not known"),
        ("B2C_1A_BasicAuthenticationPassword.txt", "REST-Basic", "the user or the password is wrong"),
        ("B2C_1A_BearerAuthenticationToken.txt", "REST-Token", "the bearer token is not known"),
    ],
)
def test_a_changed_secret_is_found_before_the_first_user_meets_it(journeyman, folder, init, change, profile, reason):
    init(*GUARDED)
    (folder / "keys" / change).write_text("another", encoding="utf-8")

    ended = journeyman("guard", "check", "--for", profile, "--json")

    (found,) = json.loads(ended.out)
    assert (ended.code, found["result"], found["detail"]) == (1, "is refused", reason)


def test_a_header_of_another_name_is_found(journeyman, folder, init):
    init("REST-Key")
    path = folder / "guard.toml"
    path.write_text(path.read_text().replace('"x-key"', '"x-functions-key"'))

    ended = journeyman("guard", "check", "--for", "REST-Key")

    assert (ended.code, ended.out) == (1, "REST-Key  POST /key  is refused: there is no header x-functions-key\n")


def test_a_missing_policy_key_is_found(journeyman, folder, init):
    init("REST-Key")
    (folder / "keys" / "B2C_1A_x-key.txt").unlink()

    assert "is refused" in journeyman("guard", "check", "--for", "REST-Key").out
    assert "x-key" in journeyman("guard", "init", "--for", "REST-Key", "--output", "other.toml").err


def test_tokens_that_a_journey_acquires_are_those_of_the_tenant(journeyman, folder, init):
    ended = init("REST-Claim")
    text = (folder / "guard.toml").read_text()

    assert 'audiences = ["api://gifts"]' in text
    assert 'issuer = "http://127.0.0.1:8080/TENANT-ID/v2.0"' in text
    assert "put it in place of TENANT-ID" in ended.err.lower().replace("tenant-id", "TENANT-ID")
    checked = journeyman("guard", "check", "--for", "REST-Claim")
    assert (checked.code, "cannot be said" in checked.out) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Name it with --for"),
        (("--for", "REST-Open"), "REST-Open calls without a credential"),
        (("--for", "REST-None"), "no technical profile 'REST-None'"),
        (("--for", "REST-Key", "--for", "REST-Key"), "call the same route POST /key"),
        (("--for", "REST-Key", "--dir", "/"), "is not in a tenant folder"),
        (("--for", "REST-Key", "--output", "none/guard.toml"), "is no folder"),
    ],
)
def test_a_wrong_call_is_one_line(journeyman, folder, arguments, message):
    ended = journeyman("guard", "init", *arguments)

    assert ended.code == 2
    assert message in ended.err


def test_a_file_that_exists_is_not_overwritten_unless_asked(journeyman, folder, init):
    init("REST-Key")

    assert "exists and is not overwritten" in init("REST-Basic").err
    forced = journeyman("guard", "init", "--for", "REST-Basic", "--force", "--json")
    assert json.loads(forced.out)["routes"] == ["GET /loyalty/{x}"]
    assert "rest-basic" in (folder / "guard.toml").read_text()


def test_it_can_be_printed(journeyman, folder):
    ended = journeyman("guard", "init", "--for", "REST-Key", "--output", "-")

    assert ended.code == 0
    assert ended.out.splitlines()[-1] == '"POST /key" = "rest-key"'


def test_a_guard_of_other_routes_and_a_wrong_file_are_said(journeyman, folder):
    (folder / "guard.toml").write_text('[routes]\n"GET /other" = "anyone"\n')
    other = journeyman("guard", "check")
    (folder / "guard.toml").write_text("[routes]\n")
    wrong = journeyman("guard", "check")

    assert (other.code, "guards no route that B2C_1A_Test calls" in other.err) == (2, True)
    assert (wrong.code, "routes: give at least one" in wrong.err) == (2, True)


def test_without_a_command_the_help_is_shown(journeyman):
    ended = journeyman("guard")

    assert ended.code == 2
    assert "guard.toml" in ended.out


def test_a_managed_bearer_names_the_audience_of_its_tokens(journeyman, folder):
    settings = folder / "journeyman.toml"
    settings.write_text(
        settings.read_text()
        + '[profiles."REST-Key".bearer]\ntoken_url = "https://login.example/token"\nclient_id = "c"\n'
        + 'key = "B2C_1A_x-key"\nscope = "api://orders/.default"\n'
    )

    ended = journeyman("guard", "init", "--for", "REST-Key", "--output", "-")

    assert ended.code == 0
    assert 'audiences = ["api://orders"]' in ended.out


def test_a_policy_with_errors_is_said_with_its_diagnostics(journeyman, folder):
    path = folder / "policies" / "test.xml"
    path.write_text(path.read_text().replace("<Value>x-key</Value>", "").replace("Basic</Item>", "Basics</Item>"))

    ended = journeyman("guard", "init", "--for", "REST-Key", "--output", "-")

    assert ended.code in (1, 2)
    assert "AADB2C90024" in ended.err


def test_a_file_that_cannot_be_written_is_said(journeyman, folder):
    ended = journeyman("guard", "init", "--for", "REST-Key", "--output", "none/guard.toml", "--force")

    assert (ended.code, "none/guard.toml cannot be written" in ended.err) == (2, True)
