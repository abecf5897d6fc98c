"""Why a REST call failed.

    ConnectorError                    JM4000
    ├── ApiUnreachableError           JM4001  no connection, or it broke before the answer
    ├── EgressRefusedError            JM4002  the address may not be called
    ├── NameResolutionError           JM4003  the name of the API has no address
    ├── ServerCertificateError        JM4004  the API could not prove who it is
    ├── ClientCertificateError        JM4005  the API refused our certificate in the TLS handshake
    ├── ApiTimeoutError               JM4006  no answer within the time limit
    ├── AnswerTooLargeError           JM4007  the answer is larger than allowed
    ├── CircuitOpenError              JM4008  the API failed too often; not called
    ├── CredentialMissingError        JM4009  no key, no active key or no bearer claim; not called
    │   └── TokenNotAcquiredError     JM4060  the token endpoint of a managed bearer gave no token
    ├── CredentialRefusedError        JM4010  401 or 403
    ├── HttpStatusError               JM4011  another status that is not success
    ├── UnparsableAnswerError         JM4012  an error answer that cannot be read
    ├── AnswerMappingError            JM4013  a value of the answer does not fit its claim
    ├── RequiredClaimMissingError     JM4014  an input claim that the call needs has no value; not called
    ├── RequestRefusedError           JM4015  the claims make no safe request; not called
    ├── NotRecordedError              JM4075  the audit log cannot be written; not called, or its end is not recorded
    └── NotSentError                  JM4076  only shown, as `journeyman call --dry-run` asks; not called

``str(error)`` is the text of the real service and reaches the application; ``operator`` says what
really happened and stays in records and logs. Neither ever holds a secret or a claim's value.
"""

from __future__ import annotations

from typing import ClassVar, Self

from journeyman.errors import ServiceError
from journeyman.trace.records import Verdict


class ConnectorError(ServiceError):
    """A REST call failed.

    Attributes:
        verdict: how the record of the call files it.
        operator: what happened, for the record and the log.
        retryable: whether another try may help.
    """

    code = "JM4000"
    verdict: ClassVar[Verdict] = Verdict.HTTP_ERROR
    retryable: ClassVar[bool] = False

    def __init__(
        self,
        detail: str,
        *,
        operator: str = "",
        service_code: str = "AADB2C90075",
        user_message: str | None = None,
    ) -> None:
        super().__init__(detail, service_code=service_code, user_message=user_message)
        self.operator = operator or detail

    def copied(self, operator: str) -> Self:
        """Return this error with another text for the operator, for one more call that it fails."""
        text = operator if str(self) == self.operator else str(self)
        return type(self)(text, operator=operator, service_code=self.service_code, user_message=self.user_message)

    def published(self, text: str, *, service_code: str, user_message: str) -> Self:
        """Return this error with the texts that the application and the person see."""
        return type(self)(text, operator=self.operator, service_code=service_code, user_message=user_message)


class ApiUnreachableError(ConnectorError):
    """No connection to the API, TLS could not be agreed on, or the connection broke before the answer."""

    code = "JM4001"
    verdict = Verdict.CONNECT
    retryable = True


class HandshakeError(ApiUnreachableError):
    """The two sides could not agree on TLS, for instance because the API only speaks an old version."""

    retryable = False


class ProxyRefusedError(ApiUnreachableError):
    """The proxy would not connect us to the API."""

    retryable = False


class EgressRefusedError(ConnectorError):
    """The URL or the address that would be dialled may not be called."""

    code = "JM4002"
    verdict = Verdict.EGRESS


class NameResolutionError(ConnectorError):
    """The name of the API has no address."""

    code = "JM4003"
    verdict = Verdict.DNS
    retryable = True


class ServerCertificateError(ConnectorError):
    """The certificate of the API is not trusted, expired, or of another name."""

    code = "JM4004"
    verdict = Verdict.TLS_SERVER_CERTIFICATE


class NameMismatchError(ServerCertificateError):
    """The certificate of the API is fine but for the name in it."""


class ClientCertificateError(ConnectorError):
    """The API refused our client certificate, or asked for one and got none, in the TLS handshake."""

    code = "JM4005"
    verdict = Verdict.TLS_CLIENT_CERTIFICATE


class ApiTimeoutError(ConnectorError):
    """The API did not answer within the time limit; ``limit_s`` is the one that was reached."""

    code = "JM4006"
    verdict = Verdict.TIMEOUT
    retryable = True
    limit_s: float | None = None


class AnswerTooLargeError(ConnectorError):
    """The answer is larger than allowed; the rest of it was not read."""

    code = "JM4007"
    verdict = Verdict.TOO_LARGE


class CircuitOpenError(ConnectorError):
    """The API failed several times in a row and is left alone for a while."""

    code = "JM4008"
    verdict = Verdict.CIRCUIT_OPEN


class CredentialMissingError(ConnectorError):
    """There is no key, no active key or no bearer claim; nothing was sent."""

    code = "JM4009"
    verdict = Verdict.CREDENTIAL_MISSING


class TokenNotAcquiredError(CredentialMissingError):
    """The token endpoint of a managed bearer gave no token; the API was not called."""

    code = "JM4060"


class CredentialRefusedError(ConnectorError):
    """The API answered 401 or 403."""

    code = "JM4010"
    verdict = Verdict.CREDENTIAL_REFUSED


class HttpStatusError(ConnectorError):
    """The API answered with a status that is neither success nor a refusal with a message."""

    code = "JM4011"


class UnparsableAnswerError(ConnectorError):
    """The API answered with an error whose body should be JSON and cannot be read."""

    code = "JM4012"
    verdict = Verdict.UNPARSABLE


class AnswerMappingError(ConnectorError):
    """A value of the answer does not fit the data type of its claim."""

    code = "JM4013"
    verdict = Verdict.MAPPING


class RequiredClaimMissingError(ConnectorError):
    """An input claim without which the call makes no sense has no value; nothing was sent."""

    code = "JM4014"
    verdict = Verdict.REQUIRED_CLAIM_MISSING


class RequestRefusedError(ConnectorError):
    """The claims do not make a safe request, for instance a line break in a header; nothing was sent."""

    code = "JM4015"
    verdict = Verdict.MAPPING


class NotRecordedError(ConnectorError):
    """The call has to be recorded, and the audit log cannot be written.

    Source: rest-connectors.md §17; that such a call is not made is this project's decision.
    """

    code = "JM4075"
    verdict = Verdict.NOT_RECORDED


class NotSentError(ConnectorError):
    """The request was made and shown, and nobody was called: that is what was asked for."""

    code = "JM4076"
    verdict = Verdict.NOT_SENT
