"""Advice about a RESTful technical profile, JM1560 to JM1568: what the real service takes and what is not safe all the same."""

from __future__ import annotations

from typing import Final

from journeyman.diagnostics import Rule, Severity

_ADVICE: Final = "errors.md §5.1"

SECRET_IN_QUERY: Final = Rule(
    code="JM1560",
    severity=Severity.WARNING,
    message="ServiceUrl of profile '{profile}' holds a secret in its query: {names}.",
    help="send it as a policy key with AuthenticationType ApiKeyHeader; queries end in the logs of proxies and servers",
    source=f"{_ADVICE} REST007",
)
SECRET_LITERAL: Final = Rule(
    code="JM1561",
    severity=Severity.WARNING,
    message="The input claim '{claim}' of profile '{profile}' has a DefaultValue that looks like a secret.",
    help="put it into a policy key; policies are read by many and kept in version control",
    source=f"{_ADVICE} REST009",
)
TOKEN_NOT_FORM: Final = Rule(
    code="JM1562",
    severity=Severity.WARNING,
    message="Profile '{profile}' calls a token endpoint with SendClaimsIn {mode}; token endpoints accept forms only.",
    help="set SendClaimsIn to Form",
    source=f"{_ADVICE} REST030",
)
SCOPE_SHAPE: Final = Rule(
    code="JM1563",
    severity=Severity.WARNING,
    message="The scope of profile '{profile}' {reason}; the Microsoft identity platform refuses it (AADSTS1002012).",
    help="write the identifier URI of the API, in clear, followed by /.default",
    source=f"{_ADVICE} REST032",
)
SHARED_TENANT: Final = Rule(
    code="JM1564",
    severity=Severity.WARNING,
    message="Profile '{profile}' asks for a token at '{tenant}'; client credentials need one tenant.",
    help="write the name or id of the tenant in its place",
    source=f"{_ADVICE} REST033",
)
GRANT_NOT_FORCED: Final = Rule(
    code="JM1565",
    severity=Severity.WARNING,
    message="The input claim '{claim}' of profile '{profile}' is sent to a token endpoint and may be overwritten.",
    help='add AlwaysUseDefaultValue="true"; else a value that another profile has left in the claim wins',
    source=f"{_ADVICE} REST031",
)
PASSWORD_FORWARDED: Final = Rule(
    code="JM1566",
    severity=Severity.WARNING,
    message="Profile '{profile}' sends the password in '{claim}' {how}.",
    help="let the directory verify it; else send it in the body, over https, to an API that proves who it is",
    source=f"{_ADVICE} REST037",
)
CLAIMS_IN_URL: Final = Rule(
    code="JM1567",
    severity=Severity.WARNING,
    message="Profile '{profile}' sends {claims} in the URL, and URLs are logged on the way.",
    help="set SendClaimsIn to Body or Header",
    source=f"{_ADVICE} REST038",
)
PLACEHOLDER_HOST: Final = Rule(
    code="JM1568",
    severity=Severity.WARNING,
    message="ServiceUrl of profile '{profile}' names the host {host}, which is a placeholder or a tunnel for tests.",
    help="write the host of the API, or map the origin in [egress.map] of journeyman.toml",
    source=f"{_ADVICE} REST042",
)
