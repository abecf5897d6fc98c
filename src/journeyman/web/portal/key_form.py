"""The form for a new policy key: its fields in, the keys that it makes out; Manual, Generate or Upload.

Source: policy-keys.md §3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from journeyman.errors import KeyStoreError
from journeyman.keys.creation import (
    SECRET_LIMIT_BYTES,
    USES,
    Lifetime,
    generate_rsa,
    generate_secret,
    secret_key,
)
from journeyman.keys.keyset import Key
from journeyman.keys.names import policy_key_id
from journeyman.keys.upload import uploaded_keys
from journeyman.secret import Secret
from journeyman.web.portal.form import Form


class Way(Enum):
    """How a key comes into being, as the portal of the real service names it."""

    MANUAL = "manual"
    GENERATE = "generate"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class Entered:
    """What a person has typed in; secrets are not drawn again."""

    way: Way = Way.MANUAL
    name: str = ""
    use: str = "sig"
    type: str = "secret"
    activate: str = ""
    expire: str = ""
    add: bool = False
    secret: Secret = field(default_factory=lambda: Secret(b""), repr=False)
    password: Secret = field(default_factory=lambda: Secret(b""), repr=False)
    file_name: str = ""
    content: bytes = field(default=b"", repr=False)


class FormError(KeyStoreError):
    """A field is wrong; ``field`` names it, so that the page can point at it."""

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


def entered_of(form: Form) -> Entered:
    """Return what a form says. Raises FormError when it is not complete."""
    way = next((way for way in Way if way.value == form.text("way")), None)
    if way is None:
        raise FormError("the form is not complete; open the page again", "way")
    file_name, content = form.file("file")
    return Entered(
        way=way,
        name=form.text("name"),
        use=form.text("use") or "sig",
        type=form.text("type") or "secret",
        activate=form.text("activate"),
        expire=form.text("expire"),
        add=form.text("add") == "yes",
        secret=form.secret("secret"),
        password=form.secret("password"),
        file_name=file_name,
        content=content,
    )


def key_id(entered: Entered) -> str:
    """Return the id of the policy key. Raises FormError."""
    if not entered.name:
        raise FormError("a name is missing: type the one that the policy has in StorageReferenceId", "name")
    try:
        return policy_key_id(entered.name)
    except KeyStoreError as error:
        raise FormError(str(error), "name") from error


def new_keys(entered: Entered, present_use: str | None, now: datetime) -> tuple[Key, ...]:
    """Return the keys that the form makes.

    Args:
        present_use: the use of the set that they are added to, None for a new one.

    Raises:
        FormError: a field is missing or wrong.
    """
    lifetime = Lifetime(_moment(entered.activate, "activate"), _moment(entered.expire, "expire"))
    use = present_use or entered.use
    if use not in USES:
        raise FormError("the usage is Signature or Encryption", "use")
    match entered.way:
        case Way.MANUAL:
            return (_manual(entered, use, lifetime, now),)
        case Way.GENERATE:
            return (_generated(entered, use, lifetime, now),)
        case Way.UPLOAD:
            return _uploaded(entered, present_use, now)


def _manual(entered: Entered, use: str, lifetime: Lifetime, now: datetime) -> Key:
    if len(entered.secret) == 0:
        raise FormError("the secret is missing: type or paste it", "secret")
    if len(entered.secret) > SECRET_LIMIT_BYTES:
        raise FormError(f"a secret has at most {SECRET_LIMIT_BYTES} bytes", "secret")
    try:
        return secret_key(entered.secret.reveal_bytes(), use=use, now=now, lifetime=lifetime)
    except KeyStoreError as error:
        raise FormError(str(error), "expire") from error


def _generated(entered: Entered, use: str, lifetime: Lifetime, now: datetime) -> Key:
    make = {"rsa": generate_rsa, "secret": generate_secret}.get(entered.type)
    if make is None:
        raise FormError("the key type is RSA or Secret", "type")
    try:
        return make(use=use, now=now, lifetime=lifetime)
    except KeyStoreError as error:
        raise FormError(str(error), "expire") from error


def _uploaded(entered: Entered, present_use: str | None, now: datetime) -> tuple[Key, ...]:
    if not entered.file_name or not entered.content:
        raise FormError("the file is missing: choose a .pfx, .pem, .cer or .jwks file", "file")
    try:
        return uploaded_keys(entered.file_name, entered.content, entered.password, use=present_use, now=now, apart=True)
    except KeyStoreError as error:
        wrong_password = str(error).startswith("AADB2C90213")
        remedy = "; type the password of the file, or leave it empty when it has none" if wrong_password else ""
        raise FormError(f"{error}{remedy}", "password" if wrong_password else "file") from error


def _moment(text: str, name: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise FormError(f"{text[:40]!r} is not a time; write one like 2027-01-31T12:00, in UTC", name) from None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
