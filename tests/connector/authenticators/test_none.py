from __future__ import annotations

import ssl

from multidict import CIMultiDict

from journeyman.connector.authenticators.none import NoAuthentication


def test_nothing_is_sent_and_no_certificate_loaded():
    headers, context = CIMultiDict(), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    NoAuthentication().authenticate(headers, {"bearerToken": "x"})
    NoAuthentication().configure_tls(context)

    assert not headers
    assert NoAuthentication().credential.versions == ()
