from __future__ import annotations

import asyncio

import pytest

from journeyman.directory.tenant_key import tenant_key
from journeyman.errors import SealError
from journeyman.keys.sealing import EnvelopeSealer, local_master_key


async def test_all_callers_get_one_key_and_other_names_and_tenants_another(database, sealer):
    first = await asyncio.gather(*(tenant_key(database, sealer, "tenant", "name") for _ in range(5)))
    other_name = await tenant_key(database, sealer, "tenant", "other")
    other_tenant = await tenant_key(database, sealer, "other", "name")

    assert all(key == first[0] for key in first)
    assert len(first[0]) == 32
    assert first[0] != other_name
    assert first[0] != other_tenant


async def test_the_key_is_sealed_and_does_not_open_under_another_master_key(database, sealer):
    await tenant_key(database, sealer, "tenant", "name")

    with pytest.raises(SealError):
        await tenant_key(database, EnvelopeSealer(local_master_key(bytes(32))), "tenant", "name")
