"""The form for a new policy key: its fields in, the keys that it makes out; Manual, Generate or Upload.

Source: policy-keys.md §3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from enum import Enum
from typing import Final

from starlette.requests import Request

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

_FIELDS: Final = 20


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
    csrf: str = ""


class FormError(KeyStoreError):
    """A field is wrong; ``field`` names it, so that the page can point at it."""

    def __init__(self, detail: str, field: str) -> None:
        super().__init__(detail)
        self.field = field


async def read_entered(request: Request) -> Entered:
    """Read the form. Raises FormError when it is not one."""
    parts = _parts(request.headers.get("content-type", ""), await request.body())

    def text(name: str) -> str:
        return parts.get(name, ("", b""))[1].decode("utf-8", "replace").strip()

    way = next((way for way in Way if way.value == text("way")), None)
    if way is None:
        raise FormError("the form is not complete; open the page again", "way")
    file_name, content = parts.get("file", ("", b""))
    return Entered(
        way=way,
        name=text("name"),
        use=text("use") or "sig",
        type=text("type") or "secret",
        activate=text("activate"),
        expire=text("expire"),
        add=text("add") == "yes",
        secret=Secret(parts.get("secret", ("", b""))[1]),
        password=Secret(parts.get("password", ("", b""))[1]),
        file_name=file_name,
        content=content,
        csrf=text("csrf"),
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
        return uploaded_keys(entered.file_name, entered.content, entered.password, use=present_use, now=now)
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


def _parts(content_type: str, body: bytes) -> Mapping[str, tuple[str, bytes]]:
    """Return name -> file name and bytes of each part of a multipart form."""
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise FormError("the form was not sent as multipart/form-data; open the page again", "way")
    try:
        head = b"Content-Type: " + content_type.encode("latin-1") + b"\r\n\r\n"
        found = dict(_part(part) for part in BytesParser(policy=HTTP).parsebytes(head + body).iter_parts())
    except (MessageError, ValueError, LookupError, AttributeError) as error:
        raise FormError("the form cannot be read; open the page again", "way") from error
    if len(found) > _FIELDS:
        raise FormError("the form has too many fields; open the page again", "way")
    return found


def _part(part: Message) -> tuple[str, tuple[str, bytes]]:
    name = part.get_param("name", "", header="content-disposition")
    content = part.get_payload(decode=True)
    return str(name), (part.get_filename() or "", content if isinstance(content, bytes) else b"")
