"""Certificate revocation lists (RFC 5280 §5) from files: a certificate in, nothing or a refusal out.

Fails closed: a certificate is refused when the list of its issuer is missing, not signed by it, or out of date. A file that was
replaced is read again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from cryptography import x509

from journeyman_guard.certificate import UNREADABLE
from journeyman_guard.errors import MisconfiguredError, forbidden

_PEM: Final = b"-----BEGIN X509 CRL-----"


class RevocationLists:
    """The lists of some authorities.

    Args:
        files: one list each, PEM or DER.
        issuers: the authorities that sign them.

    Raises:
        MisconfiguredError: a file cannot be read, or is not signed by one of the issuers.
    """

    def __init__(self, files: Sequence[Path], issuers: Sequence[x509.Certificate]) -> None:
        if not files or not issuers:
            raise MisconfiguredError("revocation lists need files and the authorities that sign them")
        self._files = [_ListFile(path, issuers) for path in files]

    def require_good(self, leaf: x509.Certificate, now: datetime) -> None:
        """Raise Refused when the certificate is revoked or nothing is known about it."""
        lists = [found.current() for found in self._files]
        fitting = [listed for listed in lists if listed is not None and listed.issuer == leaf.issuer]
        if not any(_is_current(listed, now) for listed in fitting):
            raise forbidden("there is no current revocation list for the client certificate")
        if any(_is_on(listed, leaf) for listed in fitting):
            raise forbidden("the client certificate is revoked")


class _ListFile:
    """One file, read again when it was replaced."""

    def __init__(self, path: Path, issuers: Sequence[x509.Certificate]) -> None:
        self._path = path
        self._issuers = issuers
        self._stamp = self._stamp_now()
        self._list: x509.CertificateRevocationList | None = self._read()

    def current(self) -> x509.CertificateRevocationList | None:
        """Return the list, or None when the file is not usable any more."""
        try:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._list = None
                self._list = self._read()
                self._stamp = stamp
        except MisconfiguredError:
            self._list = None
        return self._list

    def _stamp_now(self) -> tuple[int, int]:
        try:
            status = self._path.stat()
        except OSError as error:
            raise MisconfiguredError(f"the revocation list {self._path} cannot be read") from error
        return status.st_mtime_ns, status.st_size

    def _read(self) -> x509.CertificateRevocationList:
        try:
            data = self._path.read_bytes()
            load = x509.load_pem_x509_crl if _PEM in data else x509.load_der_x509_crl
            listed = load(data)
            signed = any(_is_signed(listed, issuer) for issuer in self._issuers)
        except (OSError, *UNREADABLE) as error:
            raise MisconfiguredError(f"the revocation list {self._path} cannot be read") from error
        if not signed:
            raise MisconfiguredError(f"the revocation list {self._path} is not signed by one of the authorities")
        return listed


def _is_signed(listed: x509.CertificateRevocationList, issuer: x509.Certificate) -> bool:
    if listed.issuer != issuer.subject:
        return False
    # A key that cannot sign raises TypeError, which the caller expects.
    return listed.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]


def _is_current(listed: x509.CertificateRevocationList, now: datetime) -> bool:
    end = listed.next_update_utc
    return end is not None and listed.last_update_utc <= now <= end


def _is_on(listed: x509.CertificateRevocationList, leaf: x509.Certificate) -> bool:
    return listed.get_revoked_certificate_by_serial_number(leaf.serial_number) is not None
