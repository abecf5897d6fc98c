from __future__ import annotations

import ssl
from dataclasses import replace

import pytest
from multidict import CIMultiDict

from journeyman.connector.authenticator import Credential
from journeyman.connector.authenticators.client_certificate import ClientCertificate
from journeyman.errors import KeyStoreError


def test_it_configures_tls_and_leaves_the_request_alone(authority):
    headers, context = CIMultiDict(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    certificate = ClientCertificate(authority.client_key(), Credential((("B2C_1A_Cert", "c"),), in_tls=True))
    certificate.configure_tls(context)
    certificate.authenticate(headers, {})

    assert not headers


def test_a_key_without_private_part_is_an_error(authority):
    key = replace(authority.client_key(), private_key=None)
    with pytest.raises(KeyStoreError):
        ClientCertificate(key, Credential()).configure_tls(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
