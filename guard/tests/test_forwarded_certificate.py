from __future__ import annotations

import base64
import ssl
from urllib.parse import quote

import pytest

from journeyman_guard import GuardRequest
from journeyman_guard.forwarded_certificate import FORMS, ForwardedCertificateError


@pytest.fixture
def leaf(authority):
    return authority.issue_cert("client.example").cert_chain_pems[0].bytes().decode()


@pytest.fixture
def root(authority):
    return authority.cert_pem.bytes().decode()


def read(form, **headers):
    lines = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return FORMS[form](GuardRequest("GET", "/", tuple(lines)))


def der(pem):
    return base64.b64encode(ssl.PEM_cert_to_DER_cert(pem)).decode()


def same(pems, *expected):
    return [ssl.PEM_cert_to_DER_cert(pem) for pem in pems] == [ssl.PEM_cert_to_DER_cert(pem) for pem in expected]


def test_app_service_writes_base64(leaf):
    assert same(read("x-arr-clientcert", x_arr_clientcert=der(leaf)), leaf)


def test_nginx_writes_escaped_pem(leaf):
    assert same(read("ssl-client-cert", ssl_client_cert=quote(leaf), ssl_client_verify="SUCCESS"), leaf)


@pytest.mark.parametrize("verdict", ["FAILED:self-signed certificate", "success", "FAILED"])
def test_what_nginx_did_not_verify_is_an_error(leaf, verdict):
    with pytest.raises(ForwardedCertificateError, match="did not accept"):
        read("ssl-client-cert", ssl_client_cert=quote(leaf), ssl_client_verify=verdict)


def test_envoy_writes_members_and_the_chain_wins(leaf, root):
    value = f'Hash=ab;Cert="{quote(leaf)}";Chain="{quote(leaf + root)}";Subject="CN=a;b,\\"c\\"";URI=spiffe://x'

    assert same(read("x-forwarded-client-cert", x_forwarded_client_cert=value), leaf, root)


def test_envoy_without_the_certificate_brings_none():
    assert read("x-forwarded-client-cert", x_forwarded_client_cert='Hash=ab;Subject=""') == ()


def test_rfc_9440_is_a_byte_sequence_with_a_chain(leaf, root):
    assert same(read("client-cert", client_cert=f":{der(leaf)}:", client_cert_chain=f":{der(root)}:"), leaf, root)


@pytest.mark.parametrize("form", FORMS)
def test_without_the_header_or_with_an_empty_one_there_is_no_certificate(form):
    assert read(form) == ()
    assert read(form, **{form.replace("-", "_"): ""}) == ()


@pytest.mark.parametrize("form", FORMS)
def test_two_such_headers_are_an_error(form):
    request = GuardRequest("GET", "/", ((form.encode(), b"a"), (form.encode(), b"b")))

    with pytest.raises(ForwardedCertificateError, match="several"):
        FORMS[form](request)


@pytest.mark.parametrize("form", FORMS)
def test_a_header_that_is_too_long_is_an_error(form):
    with pytest.raises(ForwardedCertificateError, match="too long"):
        read(form, **{form.replace("-", "_"): "A" * 40_000})


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("x-arr-clientcert", "not base64"),
        ("x-arr-clientcert", "TUlJQg==, TUlJQg=="),
        ("ssl-client-cert", "TUlJQg=="),
        ("ssl-client-cert", "-----BEGIN%20CERTIFICATE-----"),
        ("x-forwarded-client-cert", "By=a,By=b"),
        ("x-forwarded-client-cert", "=;"),
        ("x-forwarded-client-cert", 'Cert="a";Cert="b"'),
        ("x-forwarded-client-cert", 'Cert="a'),
        ("x-forwarded-client-cert", 'Cert="nonsense"'),
        ("client-cert", "TUlJQg=="),
        ("client-cert", ":"),
        ("client-cert", ":%%:"),
    ],
)
def test_a_malformed_header_is_an_error(form, value):
    with pytest.raises(ForwardedCertificateError):
        read(form, **{form.replace("-", "_"): value})


def test_text_around_the_certificates_is_an_error(leaf):
    with pytest.raises(ForwardedCertificateError, match="not PEM"):
        read("ssl-client-cert", ssl_client_cert=quote("x" + leaf))


def test_a_chain_is_not_endless(leaf):
    with pytest.raises(ForwardedCertificateError, match="too many"):
        read("client-cert", client_cert=":TUlJQg==:", client_cert_chain=",".join([":TUlJQg==:"] * 9))
