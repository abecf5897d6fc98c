"""TLS contexts: trusted authorities and a credential in, an ``ssl.SSLContext`` out.

Source: rest-connectors.md §6: TLS 1.2 at least, the certificate of the API is always verified.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from journeyman.connector.authorities import trust_system
from journeyman.connector.believed import ANYONE_TRUSTED, Believed
from journeyman.connector.dialling import TimedHandshake
from journeyman.connector.pins import pinned_handshake
from journeyman.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe.

    Attributes:
        extra: PEM files with more certificate authorities.
        system: whether the authorities of the operating system count; tests turn it off for speed.
    """

    extra: Sequence[Path] = ()
    system: bool = True

    def context(self, believed: Believed = ANYONE_TRUSTED, *, verify: bool) -> ssl.SSLContext:
        """Make a context.

        Args:
            believed: whom one API is held to.
            verify: False only for ``IgnoreServerCertificateErrors`` in development mode.

        Raises:
            SettingsError: a PEM file cannot be read.
        """
        # Not ssl.create_default_context: it would write the keys of connections to the file that SSLKEYLOGFILE names.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if self.system and not believed.authorities:
            trust_system(context)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslobject_class = pinned_handshake(believed.pins) if believed.pins else TimedHandshake
        for path in believed.authorities or self.extra:
            load_authorities(context, path)
        if not verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


def load_authorities(context: ssl.SSLContext, path: Path) -> None:
    """Trust the certificate authorities of a PEM file. Raises SettingsError when it holds none."""
    try:
        context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError) as error:
        detail = f"trust: {path} holds no certificate that can be read ({error})"
        raise SettingsError(detail) from error
