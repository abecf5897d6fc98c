from __future__ import annotations

import asyncio
import json
import os

import pytest

from journeyman.cli.admins import _opened
from journeyman.clock import SystemClock
from journeyman.directory.passwords import PasswordHasher
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.management.links import Purpose
from journeyman.secret import Secret
from journeyman.settings import load_settings


@pytest.fixture
def admins(journeyman, tenant):
    def call(*arguments):
        return journeyman("admins", *arguments, "--dir", tenant)

    return call


@pytest.fixture
def opened(tenant):
    def work(ask):
        async def run():
            settings, clock = load_settings(tenant, environment=os.environ), SystemClock()
            async with open_tenant_store(settings, clock) as store:
                return await ask(await _opened(settings, store, clock))

        return asyncio.run(run())

    return work


@pytest.fixture
def ada(opened):
    async def add(tools):
        hasher = PasswordHasher(memory_kib=64, time_cost=1)
        try:
            return await tools.administrators.add(
                "ada@contoso.com", "Ada", ["User.Read.All"], Secret("Analytical-1843"), hasher, actor="test"
            )
        finally:
            hasher.close()

    return opened(add)


def invitation(opened, link):
    return opened(lambda tools: tools.links.look(link.partition("link=")[2]))


def test_an_invitation_is_a_link_and_no_password(admins, opened):
    added = json.loads(admins("add", "bob@contoso.com", "--name", "Bob", "--role", "User.Read.All", "--json").out)
    found = invitation(opened, added["link"])

    assert added["link"].startswith("http://127.0.0.1:8080/portal/welcome?link=")
    assert (found.purpose, found.email, found.name, found.roles) == (
        Purpose.ADD,
        "bob@contoso.com",
        "Bob",
        ("User.Read.All",),
    )


def test_without_a_role_an_administrator_gets_all(admins, opened):
    link = admins("add", "bob@contoso.com").out.strip()

    assert len(invitation(opened, link).roles) == 16


def test_administrators_are_listed_with_their_roles(admins, ada):
    assert admins("list").out == "ada@contoso.com  Ada  User.Read.All\n"
    assert json.loads(admins("list", "--json").out)[0]["roles"] == ["User.Read.All"]


def test_before_the_first_start_the_list_is_empty_and_makes_no_store(admins, tenant):
    assert admins("list").out == "no administrator yet; `journeyman admins add EMAIL` makes one\n"
    assert not (tenant / ".journeyman").exists()


def test_a_link_for_another_password_is_for_one_administrator(admins, opened, ada):
    found = invitation(opened, admins("reset", "ADA@contoso.com").out.strip())

    assert (found.purpose, found.administrator) == (Purpose.RESET, ada.id)


def test_an_administrator_is_removed_and_the_audit_trail_tells_of_it(admins, journeyman, tenant, ada):
    asked = admins("remove", "ada@contoso.com")
    removed = admins("remove", "ada@contoso.com", "--yes")

    assert (asked.code, "add --yes to do without" in asked.err) == (2, True)
    assert removed.out == "ada@contoso.com is no administrator any more\n"
    assert admins("list", "--json").out.strip() == "[]"
    assert "Remove administrator" in journeyman("audit", "list", "--dir", tenant).out


def test_roles_are_shown_granted_and_taken_away(admins, ada):
    assert admins("roles", "ada@contoso.com").out == "User.Read.All\n"
    changed = admins("roles", "ada@contoso.com", "--add", "AuditLog.Read.All", "--remove", "User.Read.All")

    assert changed.out == "AuditLog.Read.All\n"
    assert json.loads(admins("list", "--json").out)[0]["roles"] == ["AuditLog.Read.All"]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("add", "ada"), "EMAIL 'ada' is not an e-mail address; write one like ada@contoso.com"),
        (("add", "ada@contoso.com"), "ada@contoso.com is an administrator already; `journeyman admins reset`"),
        (
            ("add", "b@contoso.com", "--role", "Owner"),
            "--role 'Owner' is no role; the roles are APIConnectors.Read.All",
        ),
        (("add", "b@contoso.com", "--name", "a\nb"), "the name is missing or cannot be printed"),
        (
            ("roles", "ada@contoso.com", "--remove", "User.Read.All"),
            "an administrator needs a role; `journeyman admins",
        ),
        (("roles", "ada@contoso.com", "--add", "Owner"), "--add 'Owner' is no role"),
        (("reset", "eve@contoso.com"), "there is no administrator 'eve@contoso.com'; `journeyman admins list` shows"),
        (("remove", "eve@contoso.com", "--yes"), "there is no administrator 'eve@contoso.com'"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(admins, ada, arguments, text):
    ended = admins(*arguments)

    assert (ended.code, ended.out) == (2, "")
    assert text in ended.err
