"""Claim resolvers: a text with ``{Namespace:Name}`` in, a template out; a template and a request in, text out.

Source: claims.md part A.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar
from urllib.parse import quote

from journeyman.claims.culture import language_name, lcid, region_name
from journeyman.claims.values import ClaimValue, to_text
from journeyman.secret import Secret

T = TypeVar("T")

_RESOLVER: Final = re.compile(
    r"\{(Culture|Policy|Context|Claim|OIDC|OAUTH-KV|SAML|oauth2):([^{}\"\s]+)\}", re.IGNORECASE
)
_LOOKALIKE: Final = re.compile(r"\{([A-Za-z][A-Za-z0-9_-]*):([^{}\"\s]+)\}")
_NO_RESOLVERS: Final = frozenset({"service", "property", "metric", "settings"})
"""Namespaces of other brace syntaxes, which are no mistakes (claims.md A.2)."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What resolvers may read: the request, the policy, and the claims of the journey.

    Attributes:
        culture: the language tag of the journey, ``en-US``.
        parameters: the parameters of the authorization (or token) request, names as sent.
        claims: the claims bag, by claim type id.
        oauth2: the fields of an identity provider's token answer.
        username, password: of a password grant; an authorization request that names them gives neither.
    """

    policy_id: str
    relying_party_tenant_id: str
    trust_framework_tenant_id: str
    tenant_object_id: str
    correlation_id: str
    deployment_mode: str
    culture: str
    host_name: str
    ip_address: str
    kmsi: bool
    now: datetime
    build_number: str
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    claims: Mapping[str, ClaimValue] = field(default_factory=dict, repr=False)
    oauth2: Mapping[str, str] = field(default_factory=dict, repr=False)
    username: str | None = field(default=None, repr=False)
    password: Secret | None = None


@dataclass(frozen=True, slots=True)
class Resolver:
    """One ``{namespace:name}``; ``text`` is as written."""

    namespace: str  # in lower case
    name: str  # as written
    text: str

    @property
    def known(self) -> bool:
        """Whether the catalogue has it; an unknown one stays in the text as written."""
        return self.namespace in BY_NAME or (self.namespace, self.name.lower()) in CATALOGUE

    def value(self, resolution: Resolution) -> str | None:
        """Return what a known resolver stands for; None when it has no value here."""
        by_name = BY_NAME.get(self.namespace)
        if by_name is not None:
            return by_name(resolution, self.name)
        return CATALOGUE[self.namespace, self.name.lower()](resolution)


@dataclass(frozen=True, slots=True)
class Template:
    """A text whose resolvers were found when the policy was compiled."""

    parts: tuple[str | Resolver, ...]

    @property
    def text(self) -> str:
        """The text as written."""
        return "".join(part if isinstance(part, str) else part.text for part in self.parts)

    def resolve(self, resolution: Resolution) -> str | None:
        """Return the text with its resolvers expanded once; what they bring is never read again.

        Returns:
            None when the whole template is one known resolver without a value. Beside other text, such
            a resolver is empty.
        """
        return self._expand(resolution, str)

    def resolve_url(self, resolution: Resolution) -> str | None:
        """Like ``resolve``, with every expanded value percent-encoded for a place in a URL."""
        return self._expand(resolution, lambda value: quote(value, safe=""))

    def _expand(self, resolution: Resolution, encode: Callable[[str], str]) -> str | None:
        match self.parts:
            case (str(only),):
                return only
            case (Resolver(known=True) as only,):
                value = only.value(resolution)
                return None if value is None else encode(value)
            case parts:
                return "".join(_part(part, resolution, encode) for part in parts)


def _part(part: str | Resolver, resolution: Resolution, encode: Callable[[str], str]) -> str:
    if isinstance(part, str):
        return part
    return encode(part.value(resolution) or "") if part.known else part.text


def compile_template(text: str, *, resolve: bool) -> Template:
    """Find the resolvers in ``text``; with ``resolve`` false the text is taken literally.

    Text that only looks like a resolver, such as JSON or ``{tenant}``, is literal text.
    """
    if not resolve:
        return Template((text,))
    parts: list[str | Resolver] = []
    end = 0
    for found in _RESOLVER.finditer(text):
        parts.append(text[end : found.start()])
        parts.append(Resolver(found[1].lower(), found[2], found[0]))
        end = found.end()
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != "") or ("",))


def unknown_resolvers(template: Template) -> tuple[str, ...]:
    """Return, as written, what has the form of a resolver but is not in the catalogue; it stays in the text."""
    unknown: list[str] = []
    for part in template.parts:
        if isinstance(part, Resolver):
            unknown += [] if part.known else [part.text]
        else:
            unknown += [found[0] for found in _LOOKALIKE.finditer(part) if _is_mistake(found[0], found[1])]
    return tuple(unknown)


def _is_mistake(text: str, namespace: str) -> bool:
    return _RESOLVER.fullmatch(text) is None and namespace.lower() not in _NO_RESOLVERS


def _without_case(values: Mapping[str, T], name: str) -> T | None:
    if name in values:
        return values[name]
    wanted = name.casefold()
    return next((value for key, value in values.items() if key.casefold() == wanted), None)


def _claim(resolution: Resolution, name: str) -> str | None:
    value = _without_case(resolution.claims, name)
    return None if value is None else to_text(value)


def _parameter(resolution: Resolution, name: str) -> str | None:
    return _without_case(resolution.parameters, name)


def _now(resolution: Resolution) -> str:
    now = resolution.now
    half = "AM" if now.hour < 12 else "PM"
    return f"{now.month}/{now.day}/{now.year:04} {now.hour % 12 or 12}:{now:%M:%S} {half}"


def _of_request(parameter: str) -> Callable[[Resolution], str | None]:
    return lambda resolution: resolution.parameters.get(parameter)


def _of_token_answer(name: str) -> Callable[[Resolution], str | None]:
    return lambda resolution: resolution.oauth2.get(name)


BY_NAME: Final[Mapping[str, Callable[[Resolution, str], str | None]]] = {"claim": _claim, "oauth-kv": _parameter}

_OIDC: Final[Mapping[str, str]] = {
    "authenticationcontextreferences": "acr_values",
    "clientid": "client_id",
    "domainhint": "domain_hint",
    "loginhint": "login_hint",
    "maxage": "max_age",
    "nonce": "nonce",
    "prompt": "prompt",
    "redirecturi": "redirect_uri",
    "resource": "resource",
    "scope": "scope",
}
_SAML: Final = "authncontextclassreferences nameidpolicyformat issuer allowcreate forceauthn providername relaystate subject binding"
_OAUTH2: Final = "access_token token_type expires_in refresh_token"

CATALOGUE: Final[Mapping[tuple[str, str], Callable[[Resolution], str | None]]] = {
    ("culture", "languagename"): lambda resolution: language_name(resolution.culture),
    ("culture", "lcid"): lambda resolution: str(lcid(resolution.culture)),
    ("culture", "regionname"): lambda resolution: region_name(resolution.culture),
    ("culture", "rfc5646"): lambda resolution: resolution.culture,
    ("policy", "policyid"): lambda resolution: resolution.policy_id,
    ("policy", "relyingpartytenantid"): lambda resolution: resolution.relying_party_tenant_id,
    ("policy", "tenantobjectid"): lambda resolution: resolution.tenant_object_id,
    ("policy", "trustframeworktenantid"): lambda resolution: resolution.trust_framework_tenant_id,
    ("context", "buildnumber"): lambda resolution: resolution.build_number,
    ("context", "correlationid"): lambda resolution: resolution.correlation_id,
    ("context", "datetimeinutc"): _now,
    ("context", "deploymentmode"): lambda resolution: resolution.deployment_mode,
    ("context", "hostname"): lambda resolution: resolution.host_name,
    ("context", "ipaddress"): lambda resolution: resolution.ip_address,
    ("context", "kmsi"): lambda resolution: "true" if resolution.kmsi else "false",
    **{("oidc", name): _of_request(parameter) for name, parameter in _OIDC.items()},
    ("oidc", "username"): lambda resolution: resolution.username,
    ("oidc", "password"): lambda resolution: resolution.password.reveal() if resolution.password else None,
    **{("oauth2", name): _of_token_answer(name) for name in _OAUTH2.split()},
    # No request of this engine is a SAML request, so these are known and have no value.
    **{("saml", name): lambda resolution: None for name in _SAML.split()},  # noqa: ARG005  # one shape for all resolvers
}
