"""The error codes of the real service: code in, text and OAuth 2.0 error out.

Applications match on the code. The texts are ours, but for those that clients have been seen to
look at. Source: the published list of error codes; placeholders are positional.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from journeyman.errors import ServiceError


@dataclass(frozen=True, slots=True)
class ServiceCode:
    """One row of the table."""

    number: int
    text: str
    oauth_error: str = "server_error"

    @property
    def code(self) -> str:
        """``AADB2C90075``."""
        return f"AADB2C{self.number}"


def _table(*rows: ServiceCode) -> dict[int, ServiceCode]:
    return {row.number: row for row in rows}


_C = ServiceCode

SERVICE_CODES: Final = _table(
    _C(90006, "The redirect URI '{0}' is not registered for the client id '{1}'.", "invalid_request"),
    _C(90007, "The application associated with client id '{0}' has no registered redirect URIs.", "invalid_request"),
    _C(90008, "The request does not contain a client id parameter.", "invalid_request"),
    _C(90010, "The request does not contain a scope parameter.", "invalid_request"),
    _C(90012, "The scope '{0}' provided in the request is not supported.", "invalid_scope"),
    _C(90013, "The requested response type '{0}' is not supported.", "unsupported_response_type"),
    _C(90014, "The requested response mode '{0}' is not supported.", "invalid_request"),
    _C(90018, "The client id '{0}' is not registered in tenant '{1}'.", "unauthorized_client"),
    _C(90019, "The key container with id '{0}' in tenant '{1}' does not has a valid key. Reason: {2}."),
    _C(90021, "The technical profile '{0}' does not exist in the policy '{1}' of tenant '{2}'."),
    _C(90023, "Profile '{0}' does not contain the required metadata key '{1}'."),
    _C(90024, "Profile '{0}' contains the unsupported authentication type '{1}'."),
    _C(
        90025,
        "Profile '{0}' in policy '{1}' in tenant '{2}' does not contain the required cryptographic key '{3}'.",
    ),
    _C(
        90027,
        "Basic credentials specified for '{0}' are invalid. Check that the credentials are correct and that access "
        "has been granted by the resource.",
    ),
    _C(
        90028,
        "Client certificate specified for '{0}' is invalid. Check that the certificate is correct, contains a private "
        "key and that access has been granted by the resource.",
    ),
    _C(90031, "The policy '{0}' does not contain a default user journey.", "invalid_request"),
    _C(90037, "An error occurred while processing the request. Please contact the administrator of the site."),
    _C(90043, "The prompt included in the request contains an invalid value.", "invalid_request"),
    _C(90046, "The state of this request cannot be loaded. Start over from the beginning.", "invalid_request"),
    _C(90048, "An unhandled exception has occurred on the server."),
    _C(90051, "No suitable claims providers were found."),
    _C(90053, "A user with the specified credential could not be found.", "access_denied"),
    _C(90054, "Invalid username or password.", "access_denied"),
    _C(90055, "The scope '{0}' provided in the request must specify a resource.", "invalid_scope"),
    _C(90057, "The provided application is not configured to allow the OAuth implicit flow.", "unauthorized_client"),
    _C(90058, "The provided application is not configured to allow public clients.", "unauthorized_client"),
    _C(90067, "The post logout redirect URI '{0}' has an invalid format.", "invalid_request"),
    _C(
        90075,
        "The claims exchange '{0}' specified in step '{1}' returned HTTP error response with Code '{2}' and "
        "Reason '{3}'.",
    ),
    _C(
        90077,
        "The user does not have an existing session and the request prompt parameter has a value of '{0}'.",
        "interaction_required",
    ),
    _C(90079, "Clients must send a client_secret when redeeming a confidential grant.", "invalid_client"),
    _C(
        90080,
        "The provided grant has expired. Please re-authenticate and try again. Current time: {0}, Grant issued "
        "time: {1}, Grant expiration time: {2}",
        "invalid_grant",
    ),
    _C(90081, "The specified client_secret does not match the expected value for this client.", "invalid_client"),
    _C(90083, "The request is missing required parameter: {0}.", "invalid_request"),
    _C(
        90084,
        "Public clients should not send a client_secret when redeeming a publicly acquired grant.",
        "invalid_request",
    ),
    _C(90085, "The service has encountered an internal error. Please re-authenticate and try again."),
    _C(90086, "The supplied grant_type [{0}] is not supported.", "unsupported_grant_type"),
    _C(
        90088,
        "The provided grant has not been issued for this endpoint. Actual Value : {0} and Expected Value : {1}",
        "invalid_grant",
    ),
    _C(90090, "The provided grant is invalid.", "invalid_grant"),
    _C(90091, "The user has cancelled entering self-asserted information.", "access_denied"),
    _C(90107, "The application with id '{0}' cannot get an ID token.", "invalid_scope"),
    _C(90110, "The scope parameter must include 'openid' when requesting a response_type of '{0}'.", "invalid_scope"),
    _C(
        90115,
        "When requesting the 'code' response_type, the scope parameter must include a resource or client id "
        "for access tokens, and 'openid' for ID tokens.",
        "invalid_scope",
    ),
    _C(90117, "The scope '{0}' provided in the request is not supported.", "invalid_scope"),
    _C(90118, "The user has forgotten their password.", "access_denied"),
    _C(
        90120,
        "The max age parameter '{0}' is out of range. Max age must be between '{1}' and '{2}' inclusive.",
        "invalid_request",
    ),
    _C(90122, "The value of '{0}' failed request validation.", "invalid_request"),
    _C(
        90128,
        "The account associated with this grant no longer exists. Please re-authenticate and try again.",
        "invalid_grant",
    ),
    _C(90129, "The provided grant has been revoked. Please re-authenticate and try again.", "invalid_grant"),
    _C(90130, "The key container in tenant '{0}' with storageReferenceId '{1}' does not exist."),
    _C(
        90146,
        "The scope '{0}' provided in request specifies more than one resource for an access token.",
        "invalid_scope",
    ),
    _C(90157, "User has exceeded the number of allowed retry attempts."),
    _C(90162, "The call to '{0}' did not succeed within the allowed number of tries ({1})."),
    _C(90182, "The supplied code_verifier does not match associated code_challenge.", "invalid_grant"),
    _C(90183, "The supplied code_verifier is invalid.", "invalid_grant"),
    _C(
        90184,
        "The supplied code_challenge_method is not supported. Supported values are plain or S256.",
        "invalid_request",
    ),
    _C(90191, "The bearer token key of profile '{0}' is empty."),
    _C(
        90192,
        "Restful profile '{0}' in policy '{1}' in tenant '{2}' specifies the bearer authentication type, but "
        "does not specify the metadata item '{3}' or it is empty.",
    ),
    _C(
        90193,
        "Restful profile '{0}' in policy '{1}' in tenant '{2}' does not have the input claim '{3}' referenced "
        "by '{4}'.",
    ),
    _C(
        90194,
        "Claim with id '{0}' specified by '{1}' of profile '{2}' is not among the available claims. Available "
        "claims: {3}",
    ),
    _C(90195, "Claim with id '{0}' specified by '{1}' of profile '{2}' is null or empty."),
    _C(
        90205,
        "This application does not have sufficient permissions against this web resource to perform the operation.",
        "unauthorized_client",
    ),
    _C(
        90220,
        "The key container in tenant '{0}' with storage identifier '{1}' exists but does not contain a valid "
        "certificate. The certificate might be expired or your certificate might become active in the future (nbf).",
    ),
    _C(90224, "The application is not enabled for the resource owner password grant.", "unauthorized_client"),
    _C(90225, "The username or password provided in the request are invalid.", "access_denied"),
    _C(90226, "A token can be exchanged only with the POST method.", "invalid_request"),
    _C(90235, "The provided id_token is expired.", "invalid_request"),
    _C(90237, "The provided token does not contain a valid audience.", "invalid_request"),
    _C(90238, "The provided token does not contain a valid issuer.", "invalid_request"),
    _C(90239, "The provided id_token could not be validated: signature.", "invalid_request"),
    _C(90240, "The provided id_token is not a valid token.", "invalid_request"),
    _C(
        90244,
        "There are too many requests at this moment. Please wait for some time and try again.",
        "temporarily_unavailable",
    ),
    _C(
        90255,
        "The claims exchange specified in technical profile '{0}' did not complete as expected. You might want "
        "to try starting your session over from the beginning.",
    ),
    _C(
        90261,
        "The claims exchange '{0}' specified in step '{1}' returned HTTP error response that could not be parsed.",
    ),
    _C(
        90272,
        "The id_token_hint parameter has not been specified in the request. Please provide token and try again.",
        "invalid_request",
    ),
    _C(90278, "Unable to validate the information provided."),
    _C(90279, "The provided client id '{0}' does not match the client id that issued the grant.", "invalid_grant"),
    _C(90287, "The redirect URI '{0}' is not a valid URI.", "invalid_request"),
    _C(90288, "UserJourney with id '{0}' referenced for refresh token redemption does not exist in policy '{1}'."),
    _C(99001, "A user with the specified id already exists, and profile '{0}' forbids creating it again."),
    _C(99002, "The user does not exist. Please sign up before you can sign in.", "access_denied"),
    _C(99005, "The scope contains the illegal character '{0}'.", "invalid_scope"),
    _C(99013, "The supplied grant_type [{0}] and token_type [{1}] combination is not supported.", "invalid_request"),
    _C(
        99015,
        "Profile '{0}' in policy '{1}' in tenant '{2}' has not the input claims that the resource owner password "
        "grant needs.",
    ),
    _C(
        99027,
        "The policy '{0}' does not contain an AuthorizationTechnicalProfile for the client assertion type.",
        "invalid_request",
    ),
    _C(99059, "The supplied request must present a code_challenge.", "invalid_request"),
)


def service_error(number: int, *values: object, user_message: str | None = None) -> ServiceError:
    """Build the error of a code. Raises KeyError when the code is not in the table."""
    row = SERVICE_CODES[number]
    return ServiceError(
        row.text.format(*values), service_code=row.code, oauth_error=row.oauth_error, user_message=user_message
    )
