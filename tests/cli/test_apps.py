from __future__ import annotations

import asyncio
import json
import os
import stat

import pytest

from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import open_tenant_store, registry_of
from journeyman.secret import Secret
from journeyman.settings import load_settings

CLIENT = "22222222-2222-3333-4444-555555555555"


@pytest.fixture
def apps(journeyman, tenant):
    def call(*arguments):
        return journeyman("apps", *arguments, "--dir", tenant)

    return call


def is_accepted(tenant, client_id, secret):
    async def ask():
        settings, clock = load_settings(tenant, environment=os.environ), SystemClock()
        async with open_tenant_store(settings, clock) as store:
            registry = await registry_of(settings, store, clock)
            return await registry.check_secret(client_id, Secret(secret))

    return asyncio.run(ask())


def test_add_before_the_first_start_prints_credentials_that_are_accepted(apps, tenant):
    added = json.loads(apps("add", "API client", "--role", "user.read.all", "--own-role", "Data.Write", "--json").out)

    assert added["type"] == "web"
    assert added["roles"] == ["User.Read.All", "Data.Write"]
    assert is_accepted(tenant, added["client_id"], added["client_secret"])
    assert not is_accepted(tenant, added["client_id"], added["client_secret"][:-1])


def test_the_secret_is_nowhere_in_the_folder_and_not_in_the_list(apps, tenant):
    secret = json.loads(apps("add", "Web app", "--json").out)["client_secret"]
    stored = b"".join(path.read_bytes() for path in (tenant / ".journeyman").iterdir())
    listed = apps("list").out + apps("list", "--json").out

    assert secret.encode() not in stored
    assert secret not in listed
    assert stat.S_IMODE((tenant / ".journeyman" / "master.key").stat().st_mode) == 0o600


def test_text_output_is_one_value_a_line(apps):
    ended = apps("add", "Web app")

    assert [line.split()[0] for line in ended.out.splitlines()] == ["client_id", "client_secret"]
    assert ended.err == "the client secret is shown now and never again\n"


@pytest.mark.parametrize("type", ["spa", "native"])
def test_a_public_application_is_given_no_secret(apps, type):
    added = json.loads(apps("add", "App", "--type", type, "--redirect-uri", "http://localhost:3000/", "--json").out)

    assert "client_secret" not in added
    assert added["redirect_uris"] == ["http://localhost:3000/"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (
            ["App", "--type", "desktop"],
            """error: --type 'desktop' 'desktop' is not known; write "web", "spa" or "native"\n""",
        ),
        (
            ["App", "--own-role", "two words"],
            "error: --own-role 'two words' is not valid; write a role without blanks\n",
        ),
        (
            ["App", "--redirect-uri", "http://shop.example/"],
            "error: --redirect-uri 'http://shop.example/' is http on another host; use https, or http on localhost, 127.0.0.1 or [::1]\n",
        ),
        ([" "], "error: NAME ' ' is not a name; write 1 to 256 letters that can be printed\n"),
    ],
)
def test_a_wrong_value_is_exit_code_2_and_nothing_is_stored(apps, tenant, arguments, error):
    ended = apps("add", *arguments)

    assert (ended.code, ended.out, ended.err) == (2, "", error)
    assert not (tenant / ".journeyman").exists()


def test_the_list_of_a_folder_without_applications_says_so_and_makes_no_store(apps, tenant):
    ended = apps("list")

    assert ended.out == "no application yet; `journeyman apps add NAME` makes one\n"
    assert not (tenant / ".journeyman").exists()


def test_the_list_has_those_of_the_settings_first(apps, tenant):
    with (tenant / "journeyman.toml").open("a") as file:
        file.write(f'[[applications]]\nclient_id = "{CLIENT}"\nname = "Shop"\n')
    added = json.loads(apps("add", "Web app", "--json").out)
    listed = json.loads(apps("list", "--json").out)

    assert [each["client_id"] for each in listed] == [CLIENT, added["client_id"]]


def test_a_second_secret_is_good_beside_the_first(apps, tenant):
    first = json.loads(apps("add", "Web app", "--json").out)
    second = json.loads(apps("secret", first["client_id"], "--expire", "2090-01-01", "--json").out)

    assert is_accepted(tenant, first["client_id"], first["client_secret"])
    assert is_accepted(tenant, first["client_id"], second["client_secret"])


def test_an_expired_secret_is_refused(apps, tenant):
    added = json.loads(apps("add", "Web app", "--json").out)
    expired = json.loads(apps("secret", added["client_id"], "--expire", "2001-01-01", "--json").out)

    assert not is_accepted(tenant, added["client_id"], expired["client_secret"])


def test_a_secret_for_nobody_is_exit_code_2(apps):
    ended = apps("secret", CLIENT)

    assert (ended.code, ended.err) == (
        2,
        "error: the tenant has no application of this client id; `journeyman apps add` makes one\n",
    )


def test_an_unknown_role_is_exit_code_2_and_the_known_ones_are_named(apps):
    ended = apps("add", "App", "--role", "Policy.ReadWrite.Everything")

    assert ended.code == 2
    assert "'Policy.ReadWrite.Everything' is not a role that the tenant knows" in ended.err
    assert "Policy.ReadWrite.TrustFramework" in ended.err
    assert json.loads(apps("list", "--json").out) == []


def test_a_role_of_an_application_of_the_settings_is_known(apps, tenant):
    with (tenant / "journeyman.toml").open("a", encoding="utf-8") as file:
        file.write(
            '[[applications]]\nclient_id = "22222222-2222-3333-4444-555555555555"\nname = "API"\nroles = ["Reader"]\n'
        )

    assert json.loads(apps("add", "App", "--role", "Reader", "--json").out)["roles"] == ["Reader"]


def test_secrets_are_shown_by_their_beginning_added_and_removed(apps, tenant):
    added = json.loads(apps("add", "App", "--json").out)
    client_id = added["client_id"]
    second = json.loads(apps("add-secret", client_id, "--expire", "2099-01-31", "--json").out)["client_secret"]
    shown = json.loads(apps("show", client_id, "--json").out)["secrets"]
    removed = apps("remove-secret", client_id, shown[0]["key_id"])

    assert {one["hint"] for one in shown} == {added["client_secret"][:3], second[:3]}
    assert removed.code == 0
    assert not is_accepted(tenant, client_id, added["client_secret"])
    assert is_accepted(tenant, client_id, second)
    assert apps("remove-secret", client_id, shown[0]["key_id"]).code == 1


def test_an_application_is_removed_with_its_secrets(apps, tenant):
    added = json.loads(apps("add", "App", "--json").out)
    refused = apps("remove", added["client_id"])
    removed = apps("remove", added["client_id"], "--yes")

    assert (refused.code, removed.code) == (2, 0)
    assert "add --yes" in refused.err
    assert not is_accepted(tenant, added["client_id"], added["client_secret"])
    assert apps("remove", added["client_id"], "--yes").code == 2


def test_roles_are_listed_granted_and_taken_away(apps):
    client_id = json.loads(apps("add", "App", "--role", "User.Read.All", "--json").out)["client_id"]
    changed = apps("roles", client_id, "--add", "Policy.Read.All", "--remove", "User.Read.All")

    assert changed.out == "Policy.Read.All\n"
    assert "change policies, read policies\n" in apps("roles").out
    assert apps("roles", client_id, "--remove", "User.Read.All").code == 2
    assert apps("roles", "--add", "User.Read.All").code == 2


def test_an_application_of_the_settings_is_changed_there(apps, tenant):
    with (tenant / "journeyman.toml").open("a", encoding="utf-8") as file:
        file.write('[[applications]]\nclient_id = "22222222-2222-3333-4444-555555555555"\nname = "API"\n')

    for words in (["remove", "--yes"], ["roles", "--add", "User.Read.All"]):
        ended = apps(words[0], "22222222-2222-3333-4444-555555555555", *words[1:])
        assert (ended.code, "stands in [[applications]] of journeyman.toml" in ended.err) == (2, True)


def test_every_change_is_in_the_audit_trail(apps, journeyman, tenant):
    client_id = json.loads(apps("add", "App", "--json").out)["client_id"]
    apps("roles", client_id, "--add", "User.Read.All")
    apps("remove", client_id, "--yes")
    entries = json.loads(journeyman("audit", "list", "--dir", tenant, "--json").out)

    told = [(one["activity"], one["actor"]) for one in entries if one["target"] == client_id]
    activities = ["Delete application", "Update application", "Add application"]
    assert told == [(activity, "command line") for activity in activities]
