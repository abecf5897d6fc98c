"""``journeyman call`` against a real API of this machine, in a tenant folder and in a plain one."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from journeyman.cli import call as call_command

SECRET = "canary-of-the-api-key"
REST = {"AuthenticationType": "ApiKeyHeader"}


@pytest.fixture
def policy(xml):
    """Write the text of a policy with REST-Get, which calls ``url`` with an API key."""

    def write(url: str, *, id: str = "B2C_1A_Test", **metadata: str) -> str:
        profile = xml.profile(
            "REST-Get",
            "rest",
            metadata={"ServiceUrl": url, **REST, **metadata},
            inputs=("email", 'number PartnerClaimType="n"', "tags"),
            outputs=("tier",),
        ).replace(
            "<InputClaims>",
            '<CryptographicKeys><Key Id="x-key" StorageReferenceId="B2C_1A_ApiKey" /></CryptographicKeys><InputClaims>',
        )
        page = xml.profile("Page", "page", outputs=("email",), validations=("REST-Get",))
        return xml.policy(
            xml.step(Ask="Page"),
            claims=(
                xml.claim("email"),
                xml.claim("number", "int"),
                xml.claim("tags", "stringCollection"),
                xml.claim("tier"),
            ),
            profiles=(profile, page),
            outputs=('objectId DefaultValue="u"',),
            subject="",
            id=id,
        )

    return write


@pytest.fixture
def folder(tenant: Path, policy, api) -> Path:
    """A tenant folder that has never been started."""
    (tenant / "policies" / "test.xml").write_text(policy(f"{api.origin}/get"), encoding="utf-8")
    (tenant / "keys").mkdir()
    (tenant / "keys" / "B2C_1A_ApiKey.txt").write_text(SECRET, encoding="utf-8")
    return tenant


@pytest.fixture
def call(journeyman, folder):
    return lambda *arguments: journeyman("call", "REST-Get", "--dir", folder, *arguments)


def test_a_call_is_really_made_with_the_keys_of_the_tenant(call, api):
    ended = call(
        "--claim", "email=ada@contoso.example", "--claim", "number=7", "--claim", "tags=a", "--claim", "tags=b"
    )

    ((path, headers, body),) = api.asked
    assert (ended.code, ended.err) == (0, "")
    assert path == "/get"
    assert headers["x-key"] == SECRET
    assert json.loads(body) == {"email": "ada@contoso.example", "n": 7, "tags": ["a", "b"]}
    assert "\nok: 1 try" in ended.out
    assert "  tier = gold" in ended.out


def test_what_is_printed_is_redacted_and_headers_only_when_asked_for(call):
    quiet = call("--claim", "email=ada@contoso.example")
    loud = call("--claim", "email=ada@contoso.example", "--show-headers", "--show-personal")

    assert SECRET not in quiet.out + loud.out
    assert "ada@contoso.example" not in quiet.out
    assert "x-key" not in quiet.out
    assert '{"email":"ada@contoso.example"}' in loud.out
    assert f"> x-key: (secret, {len(SECRET)} characters, #" in loud.out
    assert "without a value, so not sent: number, tags" in quiet.err


def test_a_plain_folder_of_policies_needs_no_settings_and_no_server(journeyman, policy, api, tmp_path):
    (tmp_path / "test.xml").write_text(policy(f"{api.origin}/get"), encoding="utf-8")
    shown = journeyman("call", "REST-Get", "--dir", tmp_path, "--claim", "email=a@b.example", "--dry-run")
    keyless = journeyman("call", "REST-Get", "--dir", tmp_path, "--claim", "email=a@b.example")
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "B2C_1A_ApiKey.txt").write_text(SECRET, encoding="utf-8")
    made = journeyman("call", "REST-Get", "--dir", tmp_path, "--claim", "email=a@b.example")

    assert (shown.code, keyless.code, made.code) == (0, 1, 0)
    assert "not known here: The key container in tenant" in shown.out
    assert "\ncredential_missing: 0 tries" in keyless.out
    assert len(api.asked) == 1
    assert not (tmp_path / ".journeyman").exists()


def test_a_dry_run_shows_the_request_and_sends_nothing(call, api):
    ended = call("--claim", "email=ada@contoso.example", "--claim", "number=7", "--dry-run", "--json")

    shown = json.loads(ended.out)
    assert (ended.code, api.asked) == (0, [])
    assert (shown["outcome"], shown["call"]["verdict"]) == ("not_sent", "not_sent")
    assert shown["call"]["exchange"]["request_body"] == '{"email":"a…@c… (19 characters)","n":7}'
    assert [name_value[:8] for name_value in shown["call"]["exchange"]["request_headers"][-1]] == ["x-key", "(secret,"]


def test_a_dry_run_refuses_an_address_that_may_never_be_called(journeyman, tenant, policy):
    (tenant / "policies" / "test.xml").write_text(policy("http://169.254.169.254/latest"), encoding="utf-8")

    ended = journeyman("call", "REST-Get", "--dir", tenant, "--claim", "email=a@b.example", "--dry-run")

    assert ended.code == 1
    assert "\negress: 0 tries" in ended.out


def test_a_refusal_of_the_api_is_what_the_page_shows(call, api):
    api.status, api.answer = 409, {"version": "1.0.0", "status": 409, "userMessage": "This number is taken."}

    ended = call("--claim", "email=a@b.example", "--json")

    shown = json.loads(ended.out)
    assert (ended.code, shown["outcome"], shown["call"]["verdict"]) == (1, "refused", "refused_by_api")
    assert shown["context"] == "validation technical profile"
    assert shown["user_sees"]["page"] == {"code": "AADB2C", "text": "This number is taken."}


FAULTS = [
    ("timeout", "timeout", 2, "AADB2C90162"),
    ("reset", "connect", 2, "AADB2C90162"),
    ("500", "http_error", 1, "AADB2C90075"),
    ("badtls", "tls_server_certificate", 1, "AADB2C90075"),
    ("dns", "dns", 2, "AADB2C90162"),
]


@pytest.mark.parametrize(("fault", "verdict", "tries", "code"), FAULTS)
def test_a_fault_shows_what_the_person_would_see(journeyman, folder, policy, api, fault, verdict, tries, code):
    (folder / "policies" / "test.xml").write_text(policy("https://api.contoso.example/get"), encoding="utf-8")
    with (folder / "journeyman.toml").open("a", encoding="utf-8") as toml:
        toml.write('[profiles."REST-Get"]\ntimeout_s = 0.3\n')

    ended = journeyman("call", "REST-Get", "--dir", folder, "--claim", "email=a@b.example", "--fault", fault, "--json")

    shown = json.loads(ended.out)
    assert ended.code == 0
    assert (shown["call"]["verdict"], shown["call"]["tries"]) == (verdict, tries)
    assert (shown["outcome"], shown["user_sees"]["page"]["code"]) == ("failed", code)
    assert shown["call"]["next"]
    assert api.asked == []


def test_a_slow_api_succeeds_within_the_limit_and_times_out_beyond_it(call, folder, api):
    slow = json.loads(call("--claim", "email=a@b.example", "--fault", "slow:0.2s", "--json").out)
    with (folder / "journeyman.toml").open("a", encoding="utf-8") as toml:
        toml.write('[profiles."REST-Get"]\ntimeout_s = 0.1\nretries = 0\n')
    late = json.loads(call("--claim", "email=a@b.example", "--fault", "slow:0.2s", "--json").out)

    assert (slow["outcome"], slow["call"]["phases"]["first_byte_ms"] >= 200) == ("continue", True)
    assert (late["outcome"], late["call"]["verdict"]) == ("failed", "timeout")
    assert api.asked == []


def test_a_fault_in_words_says_what_the_page_shows(call):
    ended = call("--claim", "email=a@b.example", "--fault", "500")

    assert "fault 500: the API answers 500 Internal Server Error; the API itself is not called" in ended.out
    assert "the page shows     AADB2C90075: " in ended.out
    assert "read more: docs/reference/rest-failures.md#http_error" in ended.out


def test_a_secret_claim_comes_from_a_file_or_from_standard_input(call, api, tmp_path, monkeypatch):
    (tmp_path / "claim").write_text("from-a-file@contoso.example\n", encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"42\r\n")))

    ended = call("--claim-file", f"email={tmp_path / 'claim'}", "--claim-file", "number=-")

    assert ended.code == 0
    assert json.loads(api.asked[0][2]) == {"email": "from-a-file@contoso.example", "n": 42}


def test_a_secret_that_is_an_argument_is_answered_with_a_warning(journeyman, folder, policy, api, tmp_path):
    text = policy(f"{api.origin}/get").replace("number", "doorSecret").replace("<DataType>int<", "<DataType>string<")
    (folder / "policies" / "test.xml").write_text(text, encoding="utf-8")
    (tmp_path / "secret").write_text("1234", encoding="utf-8")

    loud = journeyman("call", "REST-Get", "--dir", folder, "--claim", "email=a@b.example", "--claim", "doorSecret=1234")
    quiet = journeyman("call", "REST-Get", "--dir", folder, "--claim-file", f"doorSecret={tmp_path / 'secret'}")

    assert "warning: doorSecret is a secret, and arguments can be read by others; write --claim-file" in loud.err
    assert "1234" not in loud.out + loud.err
    assert "warning" not in quiet.err


WRONG = [
    (("--claim", "emial=x"), "declares no claim 'emial'; did you mean email?"),
    (("--claim", "just-a-word"), "--claim 'just-a-word' is not NAME=VALUE; write --claim email=ada@contoso.example"),
    (("--claim", "number=seven"), "the value of the claim number is not a int; write one"),
    (
        ("--claim", "email=a", "--claim", "email=b"),
        "the claim email is given 2 times and holds one value; give it once",
    ),
    (("--claim-file", "email=/nowhere/at/all"), "--claim-file email: /nowhere/at/all cannot be read: No such file"),
    (("--claim-file", "email=-", "--claim-file", "number=-"), "reads standard input for one claim only"),
    (("--fault", "fire"), "--fault 'fire' is unknown; write timeout, reset, 500, slow:3s, badtls or dns"),
    (("--fault", "slow:9999s"), "--fault 'slow:9999s' is unknown"),
    (("--fault", "badtls"), "--fault badtls: REST-Get calls http://, which has no TLS; try another fault"),
    (("--fault", "dns"), "--fault dns: ServiceUrl names the address 127.0.0.1; there is no name to look up"),
    (("--fault", "500", "--dry-run"), "--dry-run sends nothing, so no fault can happen"),
    (("--policy", "B2C_1A_Tset"), "there is no policy 'B2C_1A_Tset'; did you mean B2C_1A_Test?"),
    (("--policy", "zzz"), "there is no policy 'zzz'; there is B2C_1A_Test"),
]


@pytest.mark.parametrize(("arguments", "text"), WRONG)
def test_a_wrong_argument_is_answered_in_one_line(call, api, arguments, text):
    ended = call(*arguments)

    assert (ended.code, ended.out, api.asked) == (2, "", [])
    assert text in ended.err
    assert ended.err.count("\n") == 1


def test_a_claim_that_is_no_utf_8_or_too_long_is_refused(call, tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xfa")
    (tmp_path / "long").write_bytes(b"x" * (1024 * 1024 + 1))

    assert "is not UTF-8; save it as UTF-8" in call("--claim-file", f"email={tmp_path / 'binary'}").err
    assert "is larger than 1 MiB; name a smaller file" in call("--claim-file", f"email={tmp_path / 'long'}").err


def test_an_unknown_profile_and_one_of_another_kind_are_told_apart(journeyman, folder):
    unknown = journeyman("call", "REST-Gte", "--dir", folder)
    far = journeyman("call", "nothing", "--dir", folder, "--policy", "test")
    page = journeyman("call", "page", "--dir", folder)

    assert (unknown.code, far.code, page.code) == (2, 2, 2)
    assert "has no technical profile 'REST-Gte'; did you mean REST-Get?" in unknown.err
    assert "has no technical profile 'nothing'; there is REST-Get" in far.err
    assert (
        "Page is no REST technical profile: its handler is SelfAssertedAttributeProvider; there is REST-Get" in page.err
    )


def test_a_required_claim_that_is_missing_is_named(journeyman, folder, policy, api):
    text = policy(f"{api.origin}/get").replace('"email"  />', '"email" Required="true" />')
    (folder / "policies" / "test.xml").write_text(text, encoding="utf-8")

    ended = journeyman("call", "REST-Get", "--dir", folder)

    assert (ended.code, ended.out, api.asked) == (2, "", [])
    assert "REST-Get needs claims that have no value; add --claim email=… --claim number=…" in ended.err


def test_a_call_that_reaches_the_api_of_a_tenant_is_audited_and_others_are_not(journeyman, call, folder, api):
    with (folder / "journeyman.toml").open("a", encoding="utf-8") as toml:
        toml.write('[server]\naudit = "required"\n')
    call("--claim", "email=a@b.example", "--dry-run")
    call("--claim", "email=a@b.example", "--fault", "500")
    made = call("--claim", "email=a@b.example")

    rows = json.loads(journeyman("audit", "list", "--json", "--dir", folder).out)
    calls = [row for row in rows if "API" in row["activity"]]
    assert made.code == 0
    assert [(row["actor"], row["target"]) for row in calls] == [("command line", "REST-Get")] * 2
    assert {row["detail"].get("outcome") for row in calls} == {"ok", None}


def test_without_a_store_a_call_makes_none_for_its_audit(call, folder):
    assert call("--claim", "email=a@b.example").code == 0
    assert not (folder / ".journeyman").exists()


def test_of_several_policies_one_must_be_named(journeyman, folder, policy, api):
    (folder / "policies" / "two.xml").write_text(policy(f"{api.origin}/two", id="B2C_1A_Two"), encoding="utf-8")

    unclear = journeyman("call", "REST-Get", "--dir", folder, "--claim", "email=a@b.example")
    named = journeyman("call", "REST-Get", "--dir", folder, "--claim", "email=a@b.example", "--policy", "two")
    nobody = journeyman("call", "Nothing", "--dir", folder)

    assert (unclear.code, named.code, nobody.code) == (2, 0, 2)
    assert "several policies have 'REST-Get'; say which with --policy; there is B2C_1A_Test, B2C_1A_Two" in unclear.err
    assert "no policy has a technical profile 'Nothing'; say which with --policy" in nobody.err
    assert [path for path, _, _ in api.asked] == ["/two"]


def test_a_policy_with_errors_is_not_called(journeyman, folder, policy, api):
    text = policy(f"{api.origin}/get", AuthenticationType="Basik")
    (folder / "policies" / "test.xml").write_text(text, encoding="utf-8")

    ended = journeyman("call", "REST-Get", "--dir", folder)

    assert (ended.code, api.asked) == (1, [])
    assert "B2C_1A_Test has 1 error(s) and cannot run; `journeyman check` prints all of them" in ended.err
    assert "Basik" in ended.err


def test_a_folder_without_policies_and_one_that_is_not_there_are_told(journeyman, tmp_path):
    empty = journeyman("call", "REST-Get", "--dir", tmp_path)
    absent = journeyman("call", "REST-Get", "--dir", tmp_path / "absent")

    assert (empty.code, absent.code) == (2, 2)
    assert "no policy file (*.xml) is there; name the folder with --dir" in empty.err
    assert "does not exist; name a tenant folder or a folder of policies with --dir" in absent.err


def test_policies_may_stand_in_several_places(journeyman, policy, api, tmp_path):
    for name in ("base", "own"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "test.xml").write_text(
        policy(f"{api.origin}/get", AuthenticationType="None"), encoding="utf-8"
    )
    derived = (
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        'PolicySchemaVersion="0.3.0.0" TenantId="contoso.onmicrosoft.com" PolicyId="B2C_1A_Own" '
        'PublicPolicyUri="http://contoso.onmicrosoft.com/B2C_1A_Own"><BasePolicy>'
        "<TenantId>contoso.onmicrosoft.com</TenantId><PolicyId>B2C_1A_Test</PolicyId></BasePolicy></TrustFrameworkPolicy>"
    )
    (tmp_path / "own" / "own.xml").write_text(derived, encoding="utf-8")
    given = ("--policy", "own", "--claim", "email=a@b.example")

    alone = journeyman("call", "REST-Get", "--dir", tmp_path / "own", *given)
    paths = ("--paths", tmp_path / "own", "--paths", tmp_path / "base" / "test.xml")
    both = journeyman("call", "REST-Get", "--dir", tmp_path / "own", *paths, *given)
    absent = journeyman("call", "REST-Get", "--paths", tmp_path / "absent", *given)

    assert (alone.code, both.code, absent.code) == (1, 0, 2)
    assert "JM1040" in alone.err
    assert "absent does not exist" in absent.err


def test_parameters_of_the_authorization_request_reach_resolvers(journeyman, folder, policy, api):
    text = policy(f"{api.origin}/get", IncludeClaimResolvingInClaimsHandling="true").replace(
        '"email"  />', '"email" DefaultValue="{OAUTH-KV:campaign}" AlwaysUseDefaultValue="true" />'
    )
    (folder / "policies" / "test.xml").write_text(text, encoding="utf-8")

    ended = journeyman("call", "REST-Get", "--dir", folder, "--parameter", "campaign=spring")

    assert ended.code == 0
    assert json.loads(api.asked[0][2]) == {"email": "spring"}


def test_the_command_leaves_no_option_of_its_line_aside():
    names = set(call_command.Options.__dataclass_fields__)

    assert names == {
        "profile", "folder", "paths", "policy", "claims", "claim_files", "parameters", "show_headers", "show_personal",
        "dry_run", "fault", "as_json", "connector", "step",
    }  # fmt: skip
