"""A client certificate is rehearsed over real TLS before it is used."""

from __future__ import annotations

import ssl

import pytest
from rotated_api import Api, serve, server_certificate, server_context, thumbprint
from test_under_load import CLOCK, fill, write_tenant

from journeyman.engine.key_uses import key_uses, uses_of
from journeyman.engine.rehearsal import Light, NextKeys, rehearse
from journeyman.engine.rotation import Rotations
from journeyman.engine.stored import Stored
from journeyman.engine.tenant_store import open_tenant_store
from journeyman.keys.renewal import renewed
from journeyman.keys.ring import KeyRing
from journeyman.keys.rotation import rotation_of
from journeyman.settings import load_settings

NAME = "B2C_1A_Certificate"


@pytest.fixture
async def tenant(tmp_path):
    """A tenant whose next client certificate is staged, and an API that does not know it yet."""
    made = server_certificate(CLOCK.now())
    api = Api(server_context(tmp_path, made))
    runner, port = await serve(tmp_path, made, api)
    write_tenant(tmp_path / "tenant", port, made)
    toml = tmp_path / "tenant" / "journeyman.toml"
    toml.write_text(f'{toml.read_text()}[profiles."REST-Certificate"]\nrehearsal = "GET /certificate"\n')
    settings = load_settings(tmp_path / "tenant", environment={})
    async with open_tenant_store(settings, CLOCK) as store:
        await fill(store, api)
        active = (await store.keys.get(NAME)).active(CLOCK.now())
        rotations = Rotations(store.keys, CLOCK, key_uses(settings), development=True)
        staged = rotation_of(await rotations.stage(NAME, renewed(active, now=CLOCK.now()))).staged
        ring = KeyRing(store.keys, CLOCK)
        await ring.load()

        async def rehearsed():
            uses = uses_of(key_uses(settings), NAME)
            (found,) = await rehearse(settings, Stored(), ring, NextKeys(ring, NAME, staged), uses, CLOCK, send=True)
            return found.light, found.text

        yield api, staged.certificates[0], rehearsed
    await runner.cleanup()


async def test_a_certificate_that_tls_refuses_is_red(tenant):
    _, _, rehearsed = tenant
    light, text = await rehearsed()

    assert (light, text.startswith("refused the new version: 127.0.0.1")) == (Light.RED, True)


async def test_a_certificate_that_tls_believes_and_the_api_does_not_is_red(tenant):
    api, certificate, rehearsed = tenant
    api.believe(certificate)

    assert await rehearsed() == (Light.RED, "refused the new version: 401")


async def test_a_certificate_that_the_api_knows_is_green(tenant):
    api, certificate, rehearsed = tenant
    api.believe(certificate)
    api.certificates.add(thumbprint(certificate))

    assert await rehearsed() == (Light.GREEN, "accepted the new version: 200; without a credential 401")


async def test_an_api_that_lets_nobody_in_without_a_certificate_is_green_too(tenant):
    api, certificate, rehearsed = tenant
    api.context.verify_mode = ssl.CERT_REQUIRED
    api.believe(certificate)
    api.certificates.add(thumbprint(certificate))
    light, text = await rehearsed()

    assert light is Light.GREEN
    assert text == "accepted the new version: 200; nobody gets in without a certificate"
