"""How a call ended and what to look at next: one sentence each for the operator per verdict.

docs/reference/rest-failures.md says more on each.
"""

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

MEANING: Final[Mapping[Verdict, str]] = {
    Verdict.OK: "The API agreed.",
    Verdict.REFUSED_BY_API: "The API refused on purpose, with a message for the person.",
    Verdict.CREDENTIAL_REFUSED: "The API did not accept who we are: 401 or 403.",
    Verdict.HTTP_ERROR: "The API answered with a status that is neither success nor a refusal with a message.",
    Verdict.UNPARSABLE: "The API answered with an error that cannot be read.",
    Verdict.MAPPING: "A value does not fit: one of the answer its claim, or one of a claim the request.",
    Verdict.REQUIRED_CLAIM_MISSING: "An input claim that the call needs has no value; nothing was sent.",
    Verdict.CREDENTIAL_MISSING: "There is no credential to send, so nothing was sent.",
    Verdict.EGRESS: "The address may not be called; nothing was sent.",
    Verdict.DNS: "The name of the API has no address.",
    Verdict.CONNECT: "There was no connection, or it broke before the answer.",
    Verdict.TLS_SERVER_CERTIFICATE: "The API could not prove who it is; nothing was sent.",
    Verdict.TLS_CLIENT_CERTIFICATE: "The API refused the client certificate, or wanted one and got none.",
    Verdict.TIMEOUT: "The API did not answer within the time limit.",
    Verdict.TOO_LARGE: "The answer is larger than allowed; the rest was not read.",
    Verdict.NOT_SENT: "The request was made and shown; nothing was sent.",
    Verdict.NOT_RECORDED: "The call must be audited, and the audit log cannot be written.",
    Verdict.CIRCUIT_OPEN: "The API failed several times in a row and is left alone for a while; nothing was sent.",
}
