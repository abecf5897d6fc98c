"""What to look at after a call: one sentence for the operator per verdict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.trace.records import Verdict

NEXT: Final[Mapping[Verdict, str]] = {
    Verdict.OK: "",
    Verdict.REFUSED_BY_API: "The API refused on purpose: read its userMessage, and its log for the request with these claims.",
    Verdict.CREDENTIAL_REFUSED: (
        "Compare the credential in the policy key with the one the API expects, and whether that caller was granted access."
    ),
    Verdict.HTTP_ERROR: "Look at the API's log for this request, and whether ServiceUrl names the right path and method.",
    Verdict.UNPARSABLE: "Let the API answer errors with one JSON object: version, status 409 and userMessage.",
    Verdict.MAPPING: "Compare the data type of the claim named here with the value that is sent or received for it.",
    Verdict.REQUIRED_CLAIM_MISSING: "Find the step that should set the claim named here, and whether it ran before this one.",
    Verdict.CREDENTIAL_MISSING: (
        "Look at the policy key with `journeyman keys list`: does it exist, and is one of its keys active? "
        "For a bearer claim, does the profile that acquires it run before this one?"
    ),
    Verdict.EGRESS: "If this address may be called, add the line shown to [egress] in journeyman.toml.",
    Verdict.DNS: "Check the host name in ServiceUrl, and that this machine can look it up.",
    Verdict.CONNECT: "Check that the API runs, listens on this port, speaks TLS 1.2 or 1.3, and that no firewall is in between.",
    Verdict.TLS_SERVER_CERTIFICATE: (
        "Check the API's certificate: its names, its end date and its authority; add a private authority to "
        "[egress] trust in journeyman.toml."
    ),
    Verdict.TLS_CLIENT_CERTIFICATE: (
        "Check that the API trusts the authority of the client certificate, and the certificate's end date and "
        "private key; a profile that sends none needs AuthenticationType ClientCertificate."
    ),
    Verdict.TIMEOUT: "See in the phases where the time went; make the API faster, or set timeout_s for the profile in journeyman.toml.",
    Verdict.TOO_LARGE: "Let the API answer with fewer members, or set response_limit_bytes for the profile in journeyman.toml.",
    Verdict.NOT_SENT: "Nothing was sent: leave --dry-run out to make the call.",
    Verdict.NOT_RECORDED: (
        'journeyman.toml says audit = "required": make the database writable (disk space, permissions, connection).'
    ),
    Verdict.CIRCUIT_OPEN: "The API did not answer several times in a row: look at the failed calls before this one.",
}
