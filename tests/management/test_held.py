"""Objects that others change at the same time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from journeyman.configuration.codec import encode
from journeyman.configuration.errors import ConfigurationChangedError, ObjectNotFoundError
from journeyman.configuration.store import Kind
from journeyman.management.errors import ChangedError, NotFoundError
from journeyman.management.user_attributes import UserAttributes
from journeyman.settings.identity import UserAttribute

SHOE = "extension_aaaabbbb0000cccc1111dddd2222eeee_Shoe"


class Busy:
    """A store in which somebody else is faster, so many times; or has deleted the object in the end."""

    def __init__(self, store, times: int, *, gone: bool = False) -> None:
        self.store, self.times, self.gone = store, times, gone

    def by(self, actor):
        return self

    async def get(self, *place):
        return await self.store.get(*place)

    async def all(self, kind):
        return await self.store.all(kind)

    async def replace(self, entry, record, *, detail="", check=None):
        return await self._late("replace", entry, record)

    async def delete(self, entry, *, check=None):
        return await self._late("delete", entry)

    async def _late(self, operation, *arguments):
        self.times -= 1
        if self.times >= 0:
            raise ConfigurationChangedError("somebody else")
        if self.gone:
            raise ObjectNotFoundError("somebody else")
        return await getattr(self.store, operation)(*arguments)


@pytest.fixture
def attributes(tenant):
    async def beside(times: int, *, gone: bool = False) -> UserAttributes:
        store = tenant.context.configuration
        await store.create(Kind.USER_ATTRIBUTE, SHOE, encode(UserAttribute(SHOE, "Shoe")))
        return UserAttributes(replace(tenant.context, configuration=Busy(store, times, gone=gone)))

    return beside


async def test_a_change_is_made_again_on_what_somebody_else_has_written(attributes, admin):
    busy = await attributes(3)

    changed = await busy.describe(admin, SHOE, "Size")

    assert changed.value.description == "Size"
    await busy.held.touch(admin, SHOE, changed="x")
    await busy.delete(admin, SHOE)


async def test_who_is_never_fast_enough_is_told_to_try_again(attributes, admin):
    busy = await attributes(1000)

    for change in (
        busy.describe(admin, SHOE, "Size"),
        busy.held.touch(admin, SHOE, changed="x"),
        busy.delete(admin, SHOE),
    ):
        with pytest.raises(ChangedError, match="changed by others all the time; try again"):
            await change


async def test_what_somebody_else_has_deleted_is_not_found(attributes, admin):
    busy = await attributes(0, gone=True)

    for change in (
        busy.describe(admin, SHOE, "Size"),
        busy.held.touch(admin, SHOE, changed="x"),
        busy.delete(admin, SHOE),
    ):
        with pytest.raises(NotFoundError, match="Shoe"):
            await change
