"""The rules of a RESTful technical profile, JM1401 to JM1449, in the order in which the real service checks.

Source: rest-connectors.md §8 for the texts that begin with an AADB2C code. As in the other rules, they
name neither policy nor tenant: one mistake in a shared base is one diagnostic.
"""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_UPLOAD: Final = "rest-connectors.md §8"

METADATA_MISSING: Final = Rule(
    code="JM1401",
    severity=Severity.ERROR,
    message="AADB2C90023: Profile '{profile}' does not contain the required metadata key '{item}'.",
    help='add <Item Key="{item}">…</Item> to <Metadata>',
    source=f"{_UPLOAD} 1",
)
SERVICE_URL: Final = Rule(
    code="JM1402",
    severity=Severity.ERROR,
    message=(
        "AADB2C90026: Profile '{profile}' metadata contains the key 'ServiceUrl' which has the empty or invalid URL "
        "format of '{value}'."
    ),
    help="write an absolute https:// URL without user name and without blanks ({reason})",
    source=f"{_UPLOAD} 2",
)
DYNAMIC_HOST: Final = Rule(
    code="JM1403",
    severity=Severity.ERROR,
    message=(
        "AADB2C90026: Profile '{profile}' metadata contains the key 'ServiceUrl' which has the empty or invalid URL "
        "format of '{value}': the host may not depend on a claim."
    ),
    help="use placeholders only in the path and the query; a person could send the credential to another host",
    source="rest-connectors.md §3.1",
)
AUTHENTICATION_TYPE: Final = Rule(
    code="JM1404",
    severity=Severity.ERROR,
    message=(
        "AADB2C90024: Profile '{profile}' contains the unsupported authentication type '{value}'. Expected one of "
        "'None', 'Basic', 'Bearer', 'ClientCertificate' or 'ApiKeyHeader'."
    ),
    help="correct AuthenticationType",
    source=f"{_UPLOAD} 3",
)
SEND_CLAIMS_IN: Final = Rule(
    code="JM1405",
    severity=Severity.ERROR,
    message=(
        "AADB2C90029: Profile '{profile}' contains the unsupported SendClaimsIn type '{value}'. Expected one of "
        "'Body', 'Form', 'Header', 'Url' or 'QueryString'."
    ),
    help="correct SendClaimsIn",
    source=f"{_UPLOAD} 4",
)
BOOLEAN: Final = Rule(
    code="JM1406",
    severity=Severity.ERROR,
    message="AADB2C90030: Profile '{profile}' contains an invalid boolean for {item}. Expected either 'true' or 'false'.",
    help="write true or false",
    source=f"{_UPLOAD} 5",
)
HTTP_IN_PRODUCTION: Final = Rule(
    code="JM1407",
    severity=Severity.ERROR,
    message=(
        "AADB2C90256: Profile '{profile}', production mode policies must use https 'ServiceUrl' the provided value was "
        "'{value}'."
    ),
    help="use https: credentials and claims would travel in clear",
    source=f"{_UPLOAD} 6",
)
HTTP_IN_DEVELOPMENT: Final = Rule(
    code="JM1408",
    severity=Severity.WARNING,
    message=(
        "AADB2C90257: Profile '{profile}' uses http service url that is only allowed in development mode policies; "
        "production mode refuses it."
    ),
    help="use https before this policy goes into production: credentials and claims travel in clear",
    source=f"{_UPLOAD} 7",
)
INSECURE_AUTHENTICATION: Final = Rule(
    code="JM1409",
    severity=Severity.ERROR,
    message=(
        "AADB2C90258: Profile '{profile}' uses an insecure authentication mode that is only allowed in production mode "
        "policies with metadata key 'AllowInsecureAuthInProduction' set to true."
    ),
    help="anyone who learns the URL can call the API; use ClientCertificate, Bearer, Basic or ApiKeyHeader",
    source=f"{_UPLOAD} 8",
)
DEVELOPMENT_ONLY: Final = Rule(
    code="JM1410",
    severity=Severity.ERROR,
    message="AADB2C90259: Profile '{profile}' uses '{item}' metadata that is only allowed in development mode policies.",
    help="remove {item}; put the authority of the API under [egress] trust in journeyman.toml",
    source=f"{_UPLOAD} 9",
)
KEY_MISSING: Final = Rule(
    code="JM1411",
    severity=Severity.ERROR,
    message="AADB2C90025: Profile '{profile}' does not contain the required cryptographic key '{key}'.",
    help='add <Key Id="{key}" StorageReferenceId="B2C_1A_…" /> to <CryptographicKeys>',
    source=f"{_UPLOAD} 10",
)
BEARER_SOURCE_MISSING: Final = Rule(
    code="JM1412",
    severity=Severity.ERROR,
    message=(
        "AADB2C90192: Restful profile '{profile}' specifies the bearer authentication type, but does not specify the "
        "metadata item 'UseClaimAsBearerToken' or it is empty."
    ),
    help="name the claim that holds the token, or add the key BearerAuthenticationToken",
    source=f"{_UPLOAD} 11",
)
BEARER_CLAIM_NOT_INPUT: Final = Rule(
    code="JM1413",
    severity=Severity.ERROR,
    message=(
        "AADB2C90193: Restful profile '{profile}' does not have the input claim '{claim}' referenced by "
        "'UseClaimAsBearerToken'."
    ),
    help='add <InputClaim ClaimTypeReferenceId="{claim}" />; it is not sent as a value',
    source=f"{_UPLOAD} 11",
)
KEY_KIND: Final = Rule(
    code="JM1414",
    severity=Severity.ERROR,
    message="{code}: The policy key '{id}' cannot serve as '{key}': {reason}.",
    help="{advice}",
    source="rest-connectors.md §5, errors.md §5.2 KEY006",
)
API_KEY_HEADER: Final = Rule(
    code="JM1415",
    severity=Severity.ERROR,
    message="The Id '{key}' of the key is the name of the header that carries it, and cannot be one: {reason}.",
    help="name the header that the API expects, for instance x-functions-key",
    source="rest-connectors.md §5, errors.md §5.1 REST015",
)
API_KEY_HEADERS: Final = Rule(
    code="JM1416",
    severity=Severity.WARNING,
    message="AuthenticationType ApiKeyHeader sends one key; '{used}' is sent, {others} not.",
    help="leave one <Key>; a second secret header needs a proxy in front of the API",
    source="rest-connectors.md §5.2",
)
HEADER_CLAIM: Final = Rule(
    code="JM1417",
    severity=Severity.ERROR,
    message="The claim '{claim}' cannot be sent in the header '{name}': {reason}.",
    help="give the input claim another PartnerClaimType",
    source="rest-connectors.md §3",
)
PLACEHOLDER: Final = Rule(
    code="JM1418",
    severity=Severity.WARNING,
    message="No input claim fills {placeholder} in ServiceUrl; it is sent as it stands.",
    help="add an input claim with this PartnerClaimType, or correct the name",
    source="rest-connectors.md §3.1",
)
PLACEHOLDER_NOT_FILLED: Final = Rule(
    code="JM1419",
    severity=Severity.WARNING,
    message="{placeholder} in ServiceUrl is filled only when SendClaimsIn is Url; it is sent as it stands.",
    help="set SendClaimsIn to Url, or take the placeholder away",
    source="rest-connectors.md §3",
)
PAYLOAD_CLAIM: Final = Rule(
    code="JM1420",
    severity=Severity.WARNING,
    message="ClaimUsedForRequestPayload names '{claim}', which is not an input claim: every call will fail.",
    help='add <InputClaim ClaimTypeReferenceId="{claim}" />',
    source="rest-connectors.md §2",
)
PAYLOAD_WITHOUT_BODY: Final = Rule(
    code="JM1421",
    severity=Severity.WARNING,
    message="ClaimUsedForRequestPayload has no effect: SendClaimsIn is not Body.",
    help="set SendClaimsIn to Body, or take ClaimUsedForRequestPayload away",
    source="rest-connectors.md §2, errors.md §5.1 REST050",
)
JSON_PATH: Final = Rule(
    code="JM1422",
    severity=Severity.WARNING,
    message="'{path}' is not a path into JSON; the claim '{claim}' only gets its default.",
    help="write names and indexes, for instance contacts[0].email",
    source="rest-connectors.md §10.3",
)
DEBUG_MODE: Final = Rule(
    code="JM1423",
    severity=Severity.WARNING,
    message="DebugMode has no effect in production mode: it would show messages for developers to everybody.",
    help="take DebugMode away; the record of a call shows the answer",
    source="rest-connectors.md §11.3, errors.md §5.1 REST044",
)
TWO_BEARER_SOURCES: Final = Rule(
    code="JM1424",
    severity=Severity.WARNING,
    message="UseClaimAsBearerToken and the key BearerAuthenticationToken are both there; the claim is used.",
    help="keep one of the two",
    source="rest-connectors.md §5.3, errors.md §5.1 REST017",
)
OPEN_API: Final = Rule(
    code="JM1425",
    severity=Severity.WARNING,
    message="AllowInsecureAuthInProduction is true: the API of profile '{profile}' is called without any credential.",
    help="anyone who learns the URL can call the API; use ClientCertificate, Bearer, Basic or ApiKeyHeader",
    source="rest-connectors.md §8, errors.md §5.1 REST004",
)
