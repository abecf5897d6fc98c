from __future__ import annotations

import subprocess

import pytest
from cryptography import x509

from journeyman.connector.authenticators.none import NoAuthentication
from journeyman.connector.believed import Believed
from journeyman.connector.errors import ServerCertificateError
from journeyman.connector.pins import pin_of

NONE = NoAuthentication()
OTHER = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.fixture
async def pinned_api(serve, authority):
    """An API and the certificate that it shows."""
    leaf = authority.ca.issue_cert("127.0.0.1")
    context = authority.server_context("127.0.0.1")
    leaf.configure_cert(context)
    return await serve(context=context), leaf.cert_chain_pems[0].bytes()


def test_a_pin_is_the_one_that_openssl_prints(authority):
    pem = authority.ca.issue_cert("api.example").cert_chain_pems[0].bytes()
    public = subprocess.run(["openssl", "x509", "-pubkey", "-noout"], input=pem, capture_output=True, check=True).stdout
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "der"], input=public, capture_output=True, check=True
    )
    digest = subprocess.run(
        ["openssl", "dgst", "-sha256", "-binary"], input=der.stdout, capture_output=True, check=True
    )
    printed = subprocess.run(["openssl", "base64"], input=digest.stdout, capture_output=True, check=True).stdout

    assert pin_of(x509.load_pem_x509_certificate(pem)) == f"sha256/{printed.decode().strip()}"


async def test_an_api_with_one_of_the_pinned_keys_is_called(pinned_api, sender_for):
    api, pem = pinned_api
    pins = (OTHER, pin_of(x509.load_pem_x509_certificate(pem)))
    answer = await sender_for().get(f"{api.url}/a", NONE, believed=Believed(pins=pins))

    assert answer.status == 200


@pytest.mark.parametrize("verify", [True, False])
async def test_an_api_with_another_key_gets_no_request_even_where_its_certificate_is_not_verified(
    pinned_api, sender_for, verify
):
    api, pem = pinned_api
    with pytest.raises(
        ServerCertificateError, match="accepted: its public key is not pinned: it is sha256/"
    ) as refused:
        await sender_for().get(f"{api.url}/a", NONE, believed=Believed(pins=(OTHER,)), verify=verify)

    assert pin_of(x509.load_pem_x509_certificate(pem)) in refused.value.operator
    assert api.received == []


async def test_a_connection_without_the_pin_is_not_used_for_a_call_with_it(pinned_api, sender_for):
    api, _ = pinned_api
    sender = sender_for()
    await sender.get(f"{api.url}/a", NONE)
    with pytest.raises(ServerCertificateError):
        await sender.get(f"{api.url}/a", NONE, believed=Believed(pins=(OTHER,)))

    assert len(api.received) == 1


async def test_a_pin_does_not_replace_the_authority(serve, sender_for, foreign_authority):
    leaf = foreign_authority.ca.issue_cert("127.0.0.1")
    context = foreign_authority.server_context("127.0.0.1")
    leaf.configure_cert(context)
    api = await serve(context=context)
    pin = pin_of(x509.load_pem_x509_certificate(leaf.cert_chain_pems[0].bytes()))
    with pytest.raises(ServerCertificateError, match="certificate was not accepted"):
        await sender_for().get(f"{api.url}/a", NONE, believed=Believed(pins=(pin,)))


async def test_an_api_of_a_private_authority_is_held_to_that_one(serve, sender_for, authority, foreign_authority):
    private = await serve(context=foreign_authority.server_context("127.0.0.1"))
    public = await serve(context=authority.server_context("127.0.0.1"))
    sender = sender_for()
    believed = Believed(authorities=(foreign_authority.pem,))

    assert (await sender.get(f"{private.url}/a", NONE, believed=believed)).status == 200
    with pytest.raises(ServerCertificateError):
        await sender.get(f"{public.url}/a", NONE, believed=believed)
    with pytest.raises(ServerCertificateError):
        await sender.get(f"{private.url}/a", NONE)
