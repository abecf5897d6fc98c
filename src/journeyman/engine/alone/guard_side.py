"""The guard's side of a REST technical profile: the profile and its policy keys in, the parts of a ``guard.toml`` out.

Secrets are written as keyed hashes only, certificates as SHA-256 thumbprints. Both versions of a key that is being rotated
are written, so that the guard accepts both while the rotation lasts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.hashes import SHA256

from journeyman.compiler.compiled import CompiledPolicy, TechnicalProfile
from journeyman.compiler.handlers import API_CONNECTOR
from journeyman.connector.api_connector.profile import Proof, bearer_of, proof_of
from journeyman.connector.authenticator import ActiveKeys
from journeyman.connector.profile import (
    BEARER_KEY,
    CERTIFICATE_KEY,
    PASSWORD_KEY,
    USERNAME_KEY,
    AuthenticationType,
    authentication_type,
    input_claim_id,
    key_reference,
    request_plan,
    text_of,
)
from journeyman.connector.request import SendClaimsIn
from journeyman.errors import SettingsError
from journeyman.keys.keyset import Key
from journeyman.policy import connector_profile
from journeyman.settings import BearerSettings, ProfileSettings, Settings
from journeyman_guard import hash_secret

_SEGMENT: Final = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,=:@]+")
_PLACEHOLDER: Final = re.compile(r"\{[A-Za-z_][A-Za-z0-9_]*\}")
_UNKNOWN: Final = "put-the-application-id-of-your-API-here"


@dataclass(frozen=True, slots=True)
class GuardSide:
    """What the guard must know of one profile.

    Attributes:
        name: of the check.
        lines: of its table.
        routes: as ``[routes]`` has them.
        notes: what a person still has to do or to know.
    """

    name: str
    lines: tuple[str, ...]
    routes: tuple[str, ...]
    notes: tuple[str, ...] = ()


def guard_side(policy: CompiledPolicy, profile: TechnicalProfile, keys: ActiveKeys, settings: Settings) -> GuardSide:
    """Return the guard's side.

    Raises:
        SettingsError: the profile proves nothing, or a policy key is missing.
        KeyStoreError: a policy key is missing or not active.
    """
    own = settings.profiles.get(profile.id.lower())
    name = re.sub(r"[^A-Za-z0-9_-]", "-", profile.id).lower()
    routes, notes = _route(profile)
    kind = authentication_type(profile.metadata)
    if managed_bearer(profile, own) is not None:
        lines, more = _token(policy, profile, settings)
        return GuardSide(name, lines, routes, (*notes, *more))
    match kind:
        case AuthenticationType.BASIC:
            return GuardSide(name, _basic(profile, keys), routes, notes)
        case AuthenticationType.API_KEY_HEADER:
            return GuardSide(name, _api_key(profile, keys), routes, notes)
        case AuthenticationType.CLIENT_CERTIFICATE:
            return GuardSide(name, _certificate(profile, keys), routes, notes)
        case AuthenticationType.BEARER if input_claim_id(profile, "UseClaimAsBearerToken") is None:
            return GuardSide(name, _bearer(profile, keys), routes, notes)
        case AuthenticationType.BEARER:
            lines, more = _token(policy, profile, settings)
            return GuardSide(name, lines, routes, (*notes, *more))
        case _:
            raise SettingsError(
                f"{profile.id} calls without a credential (AuthenticationType None), so no guard can know it; "
                "give it Basic, ApiKeyHeader, Bearer or ClientCertificate first"
            )


def managed_bearer(profile: TechnicalProfile, own: ProfileSettings | None) -> BearerSettings | None:
    """Return the managed bearer of a profile: of its settings, or of the API connector that it is."""
    if own is not None and own.bearer is not None:
        return own.bearer
    managed = profile.handler == API_CONNECTOR and proof_of(profile.metadata) is Proof.MANAGED_BEARER
    return bearer_of(profile) if managed else None


def guard_file(sides: Sequence[GuardSide]) -> str:
    """Return the text of a ``guard.toml`` for some profiles."""
    lines = ["# The guard's side of the REST calls of a policy, written by `journeyman guard init`.", ""]
    for note in dict.fromkeys(note for side in sides for note in side.notes):
        lines += [f"# {note}"]
    for side in sides:
        lines += [f"[checks.{side.name}]", *side.lines, ""]
    lines += ["[routes]", *_routes(sides)]
    return "\n".join(lines) + "\n"


def called_path(profile: TechnicalProfile) -> tuple[str, str]:
    """Return method and path of the call; placeholders as they are written."""
    path = urlsplit(text_of(profile.metadata, "ServiceUrl")).path or "/"
    if profile.handler == API_CONNECTOR:
        return "POST", path
    plan = request_plan(profile)
    by_place = "POST" if plan.send_claims_in in (SendClaimsIn.BODY, SendClaimsIn.FORM) else "GET"
    return plan.method or by_place, path


def _routes(sides: Sequence[GuardSide]) -> Iterable[str]:
    checks: dict[str, list[str]] = {}
    for side in sides:
        for route in side.routes:
            checks.setdefault(route, []).append(side.name)
    for route, names in checks.items():
        if len(names) > 1:
            raise SettingsError(f"{' and '.join(names)} call the same route {route}; write one guard.toml for each")
        yield f"{_quoted(route)} = {_quoted(names[0])}"


def _route(profile: TechnicalProfile) -> tuple[tuple[str, ...], tuple[str, ...]]:
    method, path = called_path(profile)
    if path == "/":
        return (f"{method} /",), ()
    segments = path.split("/")[1:]
    kept = []
    for number, segment in enumerate(segments):
        if _PLACEHOLDER.fullmatch(segment) or (_SEGMENT.fullmatch(segment) and segment not in (".", "..")):
            kept.append(segment)
            continue
        note = f"{profile.id}: the path {path} has a part that no route can name, so everything below is guarded."
        return (f"{method} /{'/'.join([*kept, '**']) if kept or number == 0 else '**'}",), (note,)
    return (f"{method} /{'/'.join(kept)}",), ()


def _versions(profile: TechnicalProfile, keys: ActiveKeys, key_id: str) -> list[Key]:
    reference = key_reference(profile, key_id)
    if reference is None:
        raise SettingsError(f"{profile.id} names no policy key {key_id}; add <Key Id={key_id!r} …/>")
    if profile.handler == API_CONNECTOR and key_id == CERTIFICATE_KEY:
        # The newest upload that is valid at a moment is used, so each of them may come.
        return [key for key in keys.get(reference).keys if key.usable]
    found = [keys.active(reference), keys.fallback(reference)]
    return [key for key in found if key is not None]


def _secrets(profile: TechnicalProfile, keys: ActiveKeys, key_id: str) -> list[bytes]:
    versions = _versions(profile, keys, key_id)
    values = [key.secret.reveal_bytes() for key in versions if key.secret is not None]
    if not values:
        raise SettingsError(f"the policy key behind {key_id} of {profile.id} holds no secret")
    return values


def _basic(profile: TechnicalProfile, keys: ActiveKeys) -> tuple[str, ...]:
    if profile.handler == API_CONNECTOR:
        users = [text_of(profile.metadata, connector_profile.USERNAME)]
    else:
        users = [_text(user, profile) for user in _secrets(profile, keys, USERNAME_KEY)]
    passwords = _secrets(profile, keys, PASSWORD_KEY)
    # While one of the two is rotated, every pair may come.
    pairs = [(user, password) for user in users for password in passwords]
    entries = [f'  {{ user = {_quoted(user)}, secret = "{hash_secret(password)}" }},' for user, password in pairs]
    return ('type = "basic"', "users = [", *entries, "]")


def _text(user: bytes, profile: TechnicalProfile) -> str:
    try:
        return user.decode("utf-8")
    except UnicodeError:
        raise SettingsError(f"the user name of {profile.id} is not UTF-8") from None


def _api_key(profile: TechnicalProfile, keys: ActiveKeys) -> tuple[str, ...]:
    header = next(iter(profile.keys), "x-functions-key")
    return (
        'type = "api_key"',
        f"header = {_quoted(header)}",
        *_named("keys", _secrets(profile, keys, header), profile),
    )


def _bearer(profile: TechnicalProfile, keys: ActiveKeys) -> tuple[str, ...]:
    return ('type = "bearer"', *_named("tokens", _secrets(profile, keys, BEARER_KEY), profile))


def _named(key: str, secrets: Sequence[bytes], profile: TechnicalProfile) -> tuple[str, ...]:
    entries = [f'  {{ name = {_quoted(profile.id)}, secret = "{hash_secret(secret)}" }},' for secret in secrets]
    return (f"{key} = [", *entries, "]")


def _certificate(profile: TechnicalProfile, keys: ActiveKeys) -> tuple[str, ...]:
    versions = _versions(profile, keys, CERTIFICATE_KEY)
    leaves = [key.certificates[0] for key in versions if key.certificates]
    if not leaves:
        raise SettingsError(f"the policy key behind {CERTIFICATE_KEY} of {profile.id} holds no certificate")
    entries = [
        f'  "{leaf.fingerprint(SHA256()).hex()}",  # {_one_line(leaf.subject.rfc4514_string())}, '
        f"until {leaf.not_valid_after_utc:%Y-%m-%d}"
        for leaf in leaves
    ]
    return ('type = "client_certificate"', "thumbprints = [", *entries, "]")


def _token(
    policy: CompiledPolicy, profile: TechnicalProfile, settings: Settings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    audience, scope_note = _audience(policy, profile, settings)
    origin = settings.server.public_url
    issuer = f"{origin}/{settings.tenant_id or 'TENANT-ID'}/v2.0"
    lines = [
        'type = "jwt"',
        f"issuer = {_quoted(issuer)}",
        f"jwks_url = {_quoted(f'{origin}/{settings.tenant_name}/discovery/v2.0/keys')}",
        f"audiences = [{_quoted(audience)}]",
    ]
    notes = [
        f"{profile.id}: the tokens are those of this tenant. For those of Microsoft Entra ID write as issuer",
        "https://login.microsoftonline.com/TENANT-ID/v2.0, and take jwks_url out.",
        *scope_note,
    ]
    if settings.tenant_id is None:
        notes.append("The tenant has no id yet; it is made by the first `journeyman up`. Put it in place of TENANT-ID.")
    return tuple(lines), tuple(notes)


def _audience(policy: CompiledPolicy, profile: TechnicalProfile, settings: Settings) -> tuple[str, tuple[str, ...]]:
    """Return the audience that the scope of the acquiring profile names."""
    own = settings.profiles.get(profile.id.lower())
    managed = managed_bearer(profile, own)
    scopes = (
        list(_scopes(policy, profile))
        if managed is None
        else [managed.audience and f"{managed.audience}/.default", managed.scope]
    )
    for scope in scopes:
        if scope is not None and scope.endswith("/.default"):
            return scope.removesuffix("/.default"), ()
    return _UNKNOWN, (f"{profile.id}: no scope names the audience of the tokens. Write it.",)


def _scopes(policy: CompiledPolicy, profile: TechnicalProfile) -> Iterable[str]:
    claim_id = input_claim_id(profile, "UseClaimAsBearerToken")
    for other in policy.technical_profiles.values():
        if any(mapping.claim.id == claim_id for mapping in other.output_claims):
            for mapping in other.input_claims:
                if mapping.name.lower() == "scope" and mapping.default is not None:
                    yield "".join(part for part in mapping.default.parts if isinstance(part, str))


def _quoted(text: str) -> str:
    """Return a TOML string. Its escapes are those of JSON, but for pairs of surrogates and DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _one_line(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def with_values(path: str, values: Mapping[str, str]) -> str:
    """Return a path whose placeholders stand for something."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[0], "x"), path)
