"""The called side: a request comes in, a caller with proper credentials or a refusal goes out.

The middleware and the dependency ask one check per route; without an answer from it nobody gets in. Names are imported when
they are first used, so that an application pays for what it uses only. Starlette (``journeyman_guard.dependency``), uvicorn
(``journeyman_guard.uvicorn_tls``) and FastAPI (``journeyman_guard.fastapi_contract``) are extras and are imported only from there.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from journeyman_guard.answers import Conflict, Continue, ShowBlockPage, ValidationError
    from journeyman_guard.caller import Caller
    from journeyman_guard.check import Check
    from journeyman_guard.checks.anyone import AnyoneCheck
    from journeyman_guard.checks.api_key import ApiKeyCheck
    from journeyman_guard.checks.basic import BasicCheck
    from journeyman_guard.checks.bearer import BearerCheck
    from journeyman_guard.checks.client_certificate import ClientCertificateCheck, load_certificates
    from journeyman_guard.checks.introspection import IntrospectionCheck, IntrospectionEndpoint
    from journeyman_guard.checks.jwt import JwtCheck
    from journeyman_guard.combine import all_of, any_of
    from journeyman_guard.configuration.load import load_file, load_guard
    from journeyman_guard.credential import Credential, HashedSecret, hash_secret, hashed_credential
    from journeyman_guard.errors import MisconfiguredError, Refused
    from journeyman_guard.failure_limit import FailureLimit
    from journeyman_guard.guard import Guard
    from journeyman_guard.jwks import JwksCache
    from journeyman_guard.metrics import GuardMetrics
    from journeyman_guard.middleware import GuardMiddleware, caller_of
    from journeyman_guard.proxies import TrustedProxies, read_networks
    from journeyman_guard.request import GuardRequest
    from journeyman_guard.revocation import RevocationLists
    from journeyman_guard.slow_secret import SlowSecret, hash_slowly, parse_secret
    from journeyman_guard.token_rules import JwtRules
    from journeyman_guard.wsgi import GuardWsgiMiddleware, caller_of_environ

__version__ = "0.1.0"

__all__ = [
    "AnyoneCheck",
    "ApiKeyCheck",
    "BasicCheck",
    "BearerCheck",
    "Caller",
    "Check",
    "ClientCertificateCheck",
    "Conflict",
    "Continue",
    "Credential",
    "FailureLimit",
    "Guard",
    "GuardMetrics",
    "GuardMiddleware",
    "GuardRequest",
    "GuardWsgiMiddleware",
    "HashedSecret",
    "IntrospectionCheck",
    "IntrospectionEndpoint",
    "JwksCache",
    "JwtCheck",
    "JwtRules",
    "MisconfiguredError",
    "Refused",
    "RevocationLists",
    "ShowBlockPage",
    "SlowSecret",
    "TrustedProxies",
    "ValidationError",
    "all_of",
    "any_of",
    "caller_of",
    "caller_of_environ",
    "hash_secret",
    "hash_slowly",
    "hashed_credential",
    "load_certificates",
    "load_file",
    "load_guard",
    "parse_secret",
    "read_networks",
]

_MODULES: Final = {
    "answers": ("Conflict", "Continue", "ShowBlockPage", "ValidationError"),
    "caller": ("Caller",),
    "check": ("Check",),
    "checks.anyone": ("AnyoneCheck",),
    "checks.api_key": ("ApiKeyCheck",),
    "checks.basic": ("BasicCheck",),
    "checks.bearer": ("BearerCheck",),
    "checks.client_certificate": ("ClientCertificateCheck", "load_certificates"),
    "checks.introspection": ("IntrospectionCheck", "IntrospectionEndpoint"),
    "checks.jwt": ("JwtCheck",),
    "combine": ("all_of", "any_of"),
    "configuration.load": ("load_file", "load_guard"),
    "credential": ("Credential", "HashedSecret", "hash_secret", "hashed_credential"),
    "errors": ("MisconfiguredError", "Refused"),
    "failure_limit": ("FailureLimit",),
    "guard": ("Guard",),
    "jwks": ("JwksCache",),
    "metrics": ("GuardMetrics",),
    "middleware": ("GuardMiddleware", "caller_of"),
    "proxies": ("TrustedProxies", "read_networks"),
    "request": ("GuardRequest",),
    "revocation": ("RevocationLists",),
    "slow_secret": ("SlowSecret", "hash_slowly", "parse_secret"),
    "token_rules": ("JwtRules",),
    "wsgi": ("GuardWsgiMiddleware", "caller_of_environ"),
}
_OWNERS: Final = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    module = _OWNERS.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{module}"), name)
    globals()[name] = value
    return value
