"""``journeyman certs self-signed``, ``ca`` and ``issue``: a wish in, a policy key or files out.

The private key goes into a policy key and touches no file, or into a PFX whose password is new and in a file
beside it, as ``keys/`` expects it.
"""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding

from journeyman.cli.certificate_lines import TARGETS, Trusted, lines_for
from journeyman.cli.keys import Order, in_store, put, read_password
from journeyman.cli.new_files import NewFile, refuse_existing, write_new
from journeyman.cli.terminal import errors_in_words, say, say_json, utc_text
from journeyman.clock import SystemClock
from journeyman.engine.tenant_store import read_tenant_store
from journeyman.errors import SettingsError
from journeyman.keys.certificate import (
    IssuedCertificate,
    KeyType,
    Purpose,
    describe,
    issue,
    make_ca,
    pem,
    self_signed,
)
from journeyman.keys.certificate_file import authority_of_file, authority_of_key, read_certificate_file
from journeyman.keys.creation import UPLOAD_LIMIT_BYTES, certified_key
from journeyman.keys.keyset import Key
from journeyman.keys.names import policy_key_id
from journeyman.secret import Secret
from journeyman.settings import Settings, load_settings

_API: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")
_COMMON_NAME_LIMIT: Final = 64
"""RFC 5280 appendix A, ub-common-name."""
_PASSWORD_BYTES: Final = 24

Make = Callable[[datetime], IssuedCertificate]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the certificate shall be, as it was typed in."""

    api: str
    subject: str | None
    type: str
    days: int
    purpose: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where it goes, as it was typed in."""

    folder: Path
    key: str | None
    add: bool
    out: Path
    password_file: Path | None
    legacy: bool
    servers: tuple[str, ...]
    as_json: bool


@dataclass(frozen=True, slots=True)
class Issuer:
    """The authority: a PFX file, or a policy key."""

    file: Path | None
    password_file: Path | None
    key: str | None


def make_self_signed(wish: Wish, place: Place) -> None:
    """Make a certificate that is its own issuer."""
    with errors_in_words():
        key_type, purpose = _key_type(wish, place), _purpose(wish)
        subject = _subject(wish, place)

        def make(now: datetime) -> IssuedCertificate:
            return self_signed(subject, now=now, purpose=purpose, names=wish.names, days=wish.days, key_type=key_type)

        _deliver(make, file_stem(wish.api), place)


def make_authority(wish: Wish, place: Place) -> None:
    """Make a certificate authority."""
    with errors_in_words():
        key_type = _key_type(wish, place)
        subject = _common_name(" ".join(wish.api.split()))
        _deliver(lambda now: make_ca(subject, now=now, days=wish.days, key_type=key_type), file_stem(wish.api), place)


def make_issued(wish: Wish, place: Place, issuer: Issuer) -> None:
    """Make a certificate that an authority signs."""
    with errors_in_words():
        key_type, purpose = _key_type(wish, place), _purpose(wish)
        subject, authority = _subject(wish, place), _authority(issuer, place)

        def make(now: datetime) -> IssuedCertificate:
            return issue(
                authority, subject, now=now, purpose=purpose, names=wish.names, days=wish.days, key_type=key_type
            )

        _deliver(make, file_stem(wish.api), place, issued=True)


def chosen_servers(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the servers for which lines are asked for. Raises SettingsError for one that is not known."""
    for name in names:
        if name not in {*TARGETS, "all"}:
            raise SettingsError(f"--for {name[:40]!r} is unknown; write {', '.join(TARGETS)} or all")
    return tuple(TARGETS) if "all" in names else names


def file_stem(text: str) -> str:
    """Return a text as the name of a file: other characters than letters, digits, ``.`` and ``-`` are dashes."""
    return re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.") or "certificate"


def say_lines(lines: Mapping[str, str]) -> None:
    """Print the lines for the API's server."""
    for name, text in lines.items():
        say(f"\n--- {name} ---\n{text}")


def _deliver(make: Make, stem: str, place: Place, *, issued: bool = False) -> None:
    """Make it and put it where it belongs; nothing is made when a file is in the way."""
    servers = chosen_servers(place.servers)
    _refuse_contradiction(place)
    names = _names(stem, place, issued=issued)
    refuse_existing(names.values())
    password = _password(place)
    now = SystemClock().now()
    made = make(now)
    key_id = _stored(made, place, now)
    write_new(_files(made, names, password, place))
    _report(made, key_id, names, servers, place)


def _names(stem: str, place: Place, *, issued: bool) -> dict[str, Path]:
    """Return the files by what they hold."""
    names = {"der": place.out / f"{stem}.cer", "pem": place.out / f"{stem}.pem"}
    if issued:
        names["authority"] = place.out / f"{stem}.ca.pem"
    if place.key is None:
        names["pfx"] = place.out / f"{stem}.pfx"
        if place.password_file is None:
            names["password"] = place.out / f"{stem}.pfx.password"
    return names


def _files(made: IssuedCertificate, names: Mapping[str, Path], password: Secret, place: Place) -> list[NewFile]:
    files = []
    if "pfx" in names:
        files.append(NewFile(names["pfx"], made.pfx(password, legacy=place.legacy), private=True))
    if "password" in names:
        files.append(NewFile(names["password"], password.reveal_bytes() + b"\n", private=True))
    files += [
        NewFile(names["der"], made.certificate.public_bytes(Encoding.DER)),
        NewFile(names["pem"], made.chain_pem()),
    ]
    if "authority" in names:
        files.append(NewFile(names["authority"], pem(made.chain)))
    return files


def _stored(made: IssuedCertificate, place: Place, now: datetime) -> str | None:
    if place.key is None:
        return None
    settings = load_settings(place.folder, environment=os.environ)
    order = Order(place.folder, place.key, add=place.add, as_json=place.as_json)

    def key(use: str | None, _: datetime) -> tuple[Key, ...]:
        private_key = made.private_key if isinstance(made.private_key, RSAPrivateKey) else None
        return (certified_key(made.certificate, made.chain, private_key, now=now, use=use),)

    return in_store(settings, lambda store: put(settings, store, order, key)).key_set.id


def _refuse_contradiction(place: Place) -> None:
    if place.key is None:
        if place.add:
            raise SettingsError("--add adds to a policy key; name it with --key")
        return
    for value, option in ((place.password_file, "--password-file"), (place.legacy, "--legacy")):
        if value:
            raise SettingsError(f"{option} is for a PFX file, and --key writes none; leave one of them out")


def _password(place: Place) -> Secret:
    if place.password_file is None:
        return Secret(secrets.token_urlsafe(_PASSWORD_BYTES))
    password = read_password(place.password_file)
    if len(password) == 0:
        raise SettingsError(f"{place.password_file}: the password is empty; the private key would be in clear")
    return password


def _key_type(wish: Wish, place: Place) -> KeyType:
    found = next((kind for kind in KeyType if kind.value == wish.type.lower()), None)
    if found is None:
        raise SettingsError(f"--type {wish.type[:20]!r} is unknown; write rsa or p256")
    if found is KeyType.P256 and place.key is not None:
        raise SettingsError("a policy key holds RSA only, as that of Azure AD B2C; leave out --type p256, or --key")
    return found


def _purpose(wish: Wish) -> Purpose:
    found = next((purpose for purpose in Purpose if purpose.value == wish.purpose.lower()), None)
    if found is None:
        raise SettingsError(f"--purpose {wish.purpose[:20]!r} is unknown; write client or server")
    return found


def _subject(wish: Wish, place: Place) -> str:
    if wish.subject is not None:
        return wish.subject
    if not _API.fullmatch(wish.api):
        raise SettingsError(f"{wish.api[:80]!r} is not the name of an API: letters, digits, '-' and '.', or --subject")
    return _common_name(f"{wish.api}.{load_settings(place.folder, environment=os.environ).tenant_name}")


def _common_name(name: str) -> str:
    if not 1 <= len(name) <= _COMMON_NAME_LIMIT:
        detail = f"CN={name[:80]} has {len(name)} characters, a common name has 1 to {_COMMON_NAME_LIMIT}"
        raise SettingsError(f"{detail}; take a shorter one, or set --subject")
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]).rfc4514_string()


def _authority(issuer: Issuer, place: Place) -> IssuedCertificate:
    if (issuer.file is None) == (issuer.key is None):
        raise SettingsError("who issues it? name one of --ca FILE and --ca-key NAME")
    if issuer.file is None:
        settings = load_settings(place.folder, environment=os.environ)
        return asyncio.run(_authority_of_policy_key(settings, issuer.key or ""))
    content, password = read_certificate_and_password(issuer.file, issuer.password_file)
    return authority_of_file(read_certificate_file(content, issuer.file, password))


async def _authority_of_policy_key(settings: Settings, name: str) -> IssuedCertificate:
    clock = SystemClock()
    async with read_tenant_store(settings, clock) as store:
        if store is None:
            raise SettingsError(
                f"{settings.folder} has no store yet; `journeyman certs ca NAME --key {name}` makes one"
            )
        return authority_of_key((await store.keys.get(policy_key_id(name))).active(clock.now()))


def read_certificate_and_password(file: Path, password_file: Path | None) -> tuple[bytes, Secret]:
    """Return a certificate file and its password, which stands in FILE.password unless another file is named.

    Raises:
        SettingsError: one of them cannot be read.
    """
    beside = file.with_name(f"{file.name}.password")
    password = read_password(password_file or (beside if beside.is_file() else None))
    try:
        with file.open("rb") as opened:
            return opened.read(UPLOAD_LIMIT_BYTES + 1), password
    except OSError as error:
        raise SettingsError(f"{file}: the file cannot be read ({error.strerror}); name another one") from error


def _report(
    made: IssuedCertificate,
    key_id: str | None,
    names: Mapping[str, Path],
    servers: tuple[str, ...],
    place: Place,
) -> None:
    shown = describe(made.certificate)
    trusted = Trusted(made.certificate, names.get("authority", names["pem"]).name, issued=bool(made.chain))
    lines = {server: lines_for(server, trusted) for server in servers}
    if place.as_json:
        say_json(_json(made, key_id, names, lines))
        return
    say(f"{shown.subject}, valid until {utc_text(shown.not_after)}")
    say(f"SHA-256 thumbprint {shown.sha256_thumbprint}")
    if key_id is not None:
        say(f"private key: in the policy key {key_id}, and nowhere else")
    else:
        where = names.get("password", place.password_file)
        say(f"private key: {names['pfx']}, password in {where}; both are yours alone")
    say(f"for the owner of the API: {names['pem']} (PEM), {names['der']} (DER)")
    if "authority" in names:
        say(f"the authority, for the server of the API to trust: {names['authority']}")
    if not servers:
        say(f"lines for its server: journeyman certs show {names['pem']} --for all")
    say_lines(lines)


def _json(
    made: IssuedCertificate, key_id: str | None, names: Mapping[str, Path], lines: Mapping[str, str]
) -> dict[str, Any]:
    shown = describe(made.certificate)
    return {
        "subject": shown.subject,
        "issuer": shown.issuer,
        "not_after": utc_text(shown.not_after),
        "sha256_thumbprint": shown.sha256_thumbprint,
        "sha1_thumbprint": shown.sha1_thumbprint,
        "key": key_id,
        "files": {kind: str(path) for kind, path in names.items()},
        "lines": dict(lines),
    }
