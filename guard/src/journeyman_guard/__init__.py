"""The called side: a request comes in, a caller with proper credentials or a refusal goes out.

The middleware and the dependency ask one check per route; without an answer from it nobody gets in.
Starlette (``journeyman_guard.dependency``) and uvicorn (``journeyman_guard.uvicorn_tls``) are extras and
are imported only from there.
"""

from journeyman_guard.answers import Conflict
from journeyman_guard.caller import Caller
from journeyman_guard.check import Check
from journeyman_guard.checks.anyone import AnyoneCheck
from journeyman_guard.checks.api_key import ApiKeyCheck
from journeyman_guard.checks.basic import BasicCheck
from journeyman_guard.checks.bearer import BearerCheck
from journeyman_guard.checks.client_certificate import ClientCertificateCheck, load_certificates
from journeyman_guard.checks.jwt import JwtCheck
from journeyman_guard.combine import all_of, any_of
from journeyman_guard.credential import Credential, HashedSecret, hash_secret, hashed_credential
from journeyman_guard.errors import MisconfiguredError, Refused
from journeyman_guard.jwks import JwksCache
from journeyman_guard.middleware import GuardMiddleware, caller_of
from journeyman_guard.request import GuardRequest

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
    "Credential",
    "GuardMiddleware",
    "GuardRequest",
    "HashedSecret",
    "JwksCache",
    "JwtCheck",
    "MisconfiguredError",
    "Refused",
    "all_of",
    "any_of",
    "caller_of",
    "hash_secret",
    "hashed_credential",
    "load_certificates",
]
