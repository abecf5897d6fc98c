"""The rules of what this project adds to a RESTful technical profile: settings and metadata of ours."""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_SETTINGS: Final = "docs/reference/settings.md"
_PROFILE: Final = "docs/reference/rest-profile.md"

BEARER_KEY_MISSING: Final = Rule(
    code="JM1460",
    severity=Severity.ERROR,
    message="The managed bearer of profile '{profile}' uses the policy key '{key}', which does not exist.",
    help='journeyman keys create {key}, or correct key in [profiles."{profile}".bearer] of journeyman.toml',
    source=_SETTINGS,
)
BEARER_KEY_KIND: Final = Rule(
    code="JM1162",
    severity=Severity.ERROR,
    message="The policy key '{key}' cannot serve the managed bearer of profile '{profile}' by {method}: {reason}.",
    help='name another key, or another client_authentication, in [profiles."{profile}".bearer] of journeyman.toml',
    source=_SETTINGS,
)
TOKEN_URL_HTTP: Final = Rule(
    code="JM1163",
    severity=Severity.ERROR,
    message="The managed bearer of profile '{profile}' sends its secret over plain http.",
    help='write an https token_url in [profiles."{profile}".bearer] of journeyman.toml',
    source=_SETTINGS,
)
REPLACED: Final = Rule(
    code="JM1164",
    severity=Severity.WARNING,
    message="AuthenticationType '{value}' of profile '{profile}' has no effect: a managed bearer replaces it.",
    help='set AuthenticationType to Bearer, or take [profiles."{profile}".bearer] out of journeyman.toml',
    source=_SETTINGS,
)
TOKEN_OF_A_PERSON: Final = Rule(
    code="JM1165",
    severity=Severity.ERROR,
    message=(
        "cache_token is set for profile '{profile}', but its input claim '{claim}' may hold something of a person: "
        "others would get that person's token."
    ),
    help='give the claim a constant DefaultValue and AlwaysUseDefaultValue="true", or take cache_token away',
    source=_SETTINGS,
)
OPEN_API_REFUSED: Final = Rule(
    code="JM1465",
    severity=Severity.ERROR,
    message="The API of profile '{profile}' is called without any credential, and open_apis is \"refuse\".",
    help="use ClientCertificate, Bearer, Basic or ApiKeyHeader, or set a managed bearer in journeyman.toml",
    source=_SETTINGS,
)
METHOD: Final = Rule(
    code="JM1466",
    severity=Severity.ERROR,
    message="JourneymanHttpMethod of profile '{profile}' cannot be '{value}': {reason}.",
    help="write one of POST, PUT, PATCH, DELETE or GET",
    source=_PROFILE,
)
HEADER_CLAIM_NOT_INPUT: Final = Rule(
    code="JM1467",
    severity=Severity.ERROR,
    message="JourneymanHeaderClaims of profile '{profile}' names '{claim}', which {reason}.",
    help='add <InputClaim ClaimTypeReferenceId="{claim}" />, or correct the list of claim type ids',
    source=_PROFILE,
)
TIMEOUT: Final = Rule(
    code="JM1468",
    severity=Severity.ERROR,
    message="JourneymanTimeoutSeconds of profile '{profile}' is not a number from 0.001 to 600.",
    help="write seconds, for instance 2.5",
    source=_PROFILE,
)
UNSUPPORTED_ITEM: Final = Rule(
    code="JM1469",
    severity=Severity.WARNING,
    message="The metadata item '{item}' has no effect, here as at the real service.",
    help="{advice}",
    source="rest-connectors.md §2",
)
