"""The rules of an API connector in a policy, JM1520 to JM1533. Source: rest-connectors.md §7, §8, §15; docs/reference/api-connectors.md."""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_PAGE: Final = "docs/reference/api-connectors.md"
_CONNECTORS: Final = "rest-connectors.md §15"

STEP: Final = Rule(
    code="JM1520",
    severity=Severity.ERROR,
    message="Step of the API connector '{profile}' cannot be '{value}'.",
    help="write PostFederationSignup, PostAttributeCollection or PreTokenIssuance",
    source=f"{_CONNECTORS}.2",
)
AUTHENTICATION_TYPE: Final = Rule(
    code="JM1521",
    severity=Severity.ERROR,
    message="AADB2C99019: AuthenticationType of the API connector '{profile}' cannot be '{value}'.",
    help="write Basic, ClientCertificate, Bearer, ManagedBearer or ApiKeyHeader; there is no connector without a credential",
    source=f"{_CONNECTORS}.1",
)
SERVICE_URL: Final = Rule(
    code="JM1522",
    severity=Severity.ERROR,
    message=(
        "AADB2C90026: Profile '{profile}' metadata contains the key 'ServiceUrl' which has the empty or invalid URL "
        "format of '{value}'."
    ),
    help="write an absolute https:// URL without user name and without blanks ({reason})",
    source="rest-connectors.md §7",
)
PLAIN_HTTP: Final = Rule(
    code="JM1523",
    severity=Severity.ERROR,
    message="The API connector '{profile}' calls '{value}': credentials and attributes would travel in clear.",
    help="use https; to try an API on this machine map an https origin to it in [egress.map] of journeyman.toml",
    source="rest-connectors.md §7",
)
ITEM_MISSING: Final = Rule(
    code="JM1524",
    severity=Severity.ERROR,
    message="AADB2C90023: Profile '{profile}' does not contain the required metadata key '{item}'.",
    help='add <Item Key="{item}">…</Item> to <Metadata>; {method} needs it',
    source=_PAGE,
)
KEY_MISSING: Final = Rule(
    code="JM1525",
    severity=Severity.ERROR,
    message="AADB2C90025: Profile '{profile}' does not contain the required cryptographic key '{key}'.",
    help='add <Key Id="{key}" StorageReferenceId="B2C_1A_…" /> to <CryptographicKeys>',
    source=_PAGE,
)
KEY_KIND: Final = Rule(
    code="JM1526",
    severity=Severity.ERROR,
    message="The policy key '{id}' cannot serve the API connector '{profile}' as {key}: {reason}.",
    help="name another policy key, or another AuthenticationType",
    source=_PAGE,
)
HEADER: Final = Rule(
    code="JM1527",
    severity=Severity.ERROR,
    message="The API connector '{profile}' cannot send a key in the header '{key}': {reason}.",
    help="name one key with the Id of a header of its own, x-api-key for one",
    source=_PAGE,
)
CLIENT_AUTHENTICATION: Final = Rule(
    code="JM1528",
    severity=Severity.ERROR,
    message="BearerClientAuthentication of the API connector '{profile}' cannot be '{value}'.",
    help="write client_secret_basic, client_secret_post, private_key_jwt or tls_client_auth",
    source=_PAGE,
)
UNSENDABLE: Final = Rule(
    code="JM1529",
    severity=Severity.ERROR,
    message="The API connector '{profile}' cannot send the claim '{claim}' as '{name}': {reason}.",
    help="take the input claim away, or correct its PartnerClaimType",
    source=f"{_CONNECTORS}.3",
)
UNTAKABLE: Final = Rule(
    code="JM1530",
    severity=Severity.ERROR,
    message="The answer of the API connector '{profile}' cannot set the claim '{claim}' by '{name}': {reason}.",
    help="take the output claim away",
    source=f"{_CONNECTORS}.4",
)
EXTENSION: Final = Rule(
    code="JM1531",
    severity=Severity.ERROR,
    message="'{name}' of the claim '{claim}' of the API connector '{profile}' is no name of a custom attribute.",
    help="write extension_<client id of the extensions application without dashes>_<Name>",
    source=f"{_CONNECTORS}.3",
)
TWICE: Final = Rule(
    code="JM1532",
    severity=Severity.ERROR,
    message="AADB2C99022: The API connector '{profile}' has two {kind} claims with the name '{name}'.",
    help="take one of them away",
    source=f"{_CONNECTORS}.5",
)
PARTS: Final = Rule(
    code="JM1533",
    severity=Severity.ERROR,
    message="The API connector '{profile}' has the input claim '{name}' without '{other}'.",
    help="add the other one: both together are one element of identities",
    source=f"{_CONNECTORS}.3",
)
