from __future__ import annotations

import pytest

from journeyman.directory.errors import WeakPasswordError
from journeyman.management.administrators import Administrators, checked_email, checked_name, checked_roles
from journeyman.management.errors import ConflictingError, InvalidError, NotFoundError
from journeyman.secret import Secret

PASSWORD = Secret("Analytical-1843")


@pytest.fixture
async def engine(open_tenant):
    return await open_tenant({"journeyman.toml": '[tenant]\nname = "contoso.onmicrosoft.com"\n'})


@pytest.fixture
def administrators(engine):
    return Administrators(engine.console.users, engine.audit, engine.tenant.id)


async def add(administrators, engine, email="ada@contoso.com", roles=("User.Read.All",)):
    return await administrators.add(email, "Ada", roles, PASSWORD, engine.console.passwords, actor="eve")


async def test_an_administrator_is_no_user_of_the_tenant(administrators, engine):
    ada = await add(administrators, engine)

    assert await administrators.find(ada.id) == ada
    assert await administrators.of_email("ADA@contoso.com") == ada
    assert await engine.users.find(ada.id) is None
    assert await engine.users.find_by_sign_in_name("ada@contoso.com") is None


async def test_each_address_is_one_administrator(administrators, engine):
    await add(administrators, engine)

    with pytest.raises(ConflictingError, match="there is an administrator of this e-mail address already"):
        await add(administrators, engine, "Ada@Contoso.com")


async def test_changes_are_in_the_audit_trail_and_without_the_password(administrators, engine):
    ada = await add(administrators, engine)
    await administrators.set_password(ada.id, Secret("Difference-1822"), engine.console.passwords, actor="eve")
    await administrators.remove(ada, actor="eve")
    entries = await engine.audit.list(5, target="ada@contoso.com")

    assert [(one.activity, one.actor) for one in entries] == [
        ("Remove administrator", "eve"),
        ("Reset administrator password", "eve"),
        ("Add administrator", "eve"),
    ]
    assert "Difference" not in repr(entries)
    assert await administrators.find(ada.id) is None
    assert not await administrators.exist()


async def test_a_weak_password_is_refused(administrators, engine):
    with pytest.raises(WeakPasswordError):
        await administrators.add("a@b.cd", "A", (), Secret("short"), engine.console.passwords, actor="eve")
    with pytest.raises(NotFoundError):
        await administrators.set_password("nobody", PASSWORD, engine.console.passwords, actor="eve")


async def test_all_are_listed_by_address(administrators, engine):
    await add(administrators, engine, "zoe@contoso.com")
    await add(administrators, engine, "ada@contoso.com")

    assert [one.email for one in await administrators.all()] == ["ada@contoso.com", "zoe@contoso.com"]


@pytest.mark.parametrize("text", ["", "ada", "ada@", "@contoso.com", "ada@contoso", "a b@c.de", "a@b.c\nd", "a" * 260])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(InvalidError, match="is not an e-mail address"):
        checked_email(text)


def test_names_and_roles_are_checked():
    assert checked_name(" Ada ") == "Ada"
    assert len(checked_roles(())) == 16
    for name in ("", " ", "a\nb", "x" * 121):
        with pytest.raises(InvalidError):
            checked_name(name)
    with pytest.raises(InvalidError, match="'Owner' is no role; the roles are"):
        checked_roles(["Owner"])
