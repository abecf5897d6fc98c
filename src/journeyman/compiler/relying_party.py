"""The relying party: what runs, what goes into the token, how long a session lives.

Source: policy-language.md §6.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from journeyman.claims.resolvers import Template, compile_template
from journeyman.compiler import rules
from journeyman.compiler.claim_mapping import Place, mappings
from journeyman.compiler.compiled import RelyingParty, SessionBehavior, SsoScope
from journeyman.compiler.draft import Draft
from journeyman.compiler.link import resolve
from journeyman.diagnostics import Severity
from journeyman.policy import model
from journeyman.policy.model import Behavior, key

_PROTOCOLS: Final = {"openidconnect": "OpenIdConnect", "saml2": "SAML2", "none": "None", "oauth2": "OAuth2"}
_ENDPOINTS: Final = frozenset({"token", "userinfo"})
_SCOPES: Final = {key(scope.value): scope for scope in SsoScope} | {"trustframework": SsoScope.TENANT}
_BEHAVIORS: Final = frozenset(
    {
        "singlesignon",
        "sessionexpirytype",
        "sessionexpiryinseconds",
        "azureapplicationinsights",
        "journeyinsights",
        "contentdefinitionparameters",
        "journeyframing",
        "scriptexecution",
        "onerror",
    }
)
_NO_EFFECT: Final = frozenset({"azureapplicationinsights", "journeyinsights", "onerror"})
_SESSION_SECONDS: Final = range(900, 86_401)
_KEEP_ALIVE_DAYS: Final = range(91)


def compile_relying_party(draft: Draft) -> None:
    """Compile the relying party, where the policy has one that can be run."""
    written = draft.policy.relying_party
    if written is None:
        return
    profile, journey = written.technical_profile, written.default_user_journey
    for missing, value in (("DefaultUserJourney", journey), ("TechnicalProfile", profile)):
        if value is None:
            # The service takes such a policy and answers AADB2C90031 to who calls it (errors.md §2.2).
            severity = Severity.ERROR if journey else Severity.WARNING
            draft.report(rules.NOT_INVOCABLE.at(written.location, severity=severity, missing=missing))
    if profile is None or journey is None:
        return
    found = resolve(draft, draft.policy.user_journeys, journey, kind="UserJourney")
    protocol = _protocol(draft, profile)
    # Resolvers in the defaults of a relying party need no metadata (claims.md §A.3).
    place = Place(profile.id, protocol, resolve=True)
    draft.relying_party = RelyingParty(
        journey=found.id if found else journey.id,
        endpoint_journeys=_endpoint_journeys(draft, written),
        protocol=protocol,
        output_claims=mappings(draft, profile.output_claims, place),
        input_claims=mappings(draft, profile.input_claims, place),
        subject_name=profile.subject_naming_info.claim_type if profile.subject_naming_info else None,
        session=_session(draft, written.behaviors),
        script_allowed=_script_allowed(draft, written.behaviors),
        framing_sources=_framing_sources(draft, written.behaviors),
        content_parameters=_content_parameters(written.behaviors),
    )
    _check_behaviors(draft, written.behaviors)


def _protocol(draft: Draft, profile: model.TechnicalProfile) -> str:
    written = profile.protocol.name if profile.protocol else ""
    found = _PROTOCOLS.get(key(written))
    if found is None:
        draft.report(rules.RELYING_PARTY_PROTOCOL.at(profile.location, element=profile.id, value=written))
    return found or written


def _endpoint_journeys(draft: Draft, written: model.RelyingParty) -> dict[str, str]:
    journeys: dict[str, str] = {}
    for name, endpoint in written.endpoints.items():
        if name not in _ENDPOINTS:
            draft.report(rules.ENDPOINT.at(endpoint.journey.location, element=endpoint.id, id=endpoint.id))
            continue
        found = resolve(draft, draft.policy.user_journeys, endpoint.journey, kind="UserJourney", element=endpoint.id)
        if found is not None:
            journeys[name] = found.id
    return journeys


def _check_behaviors(draft: Draft, behaviors: Mapping[str, Behavior]) -> None:
    for name, behavior in behaviors.items():
        if name not in _BEHAVIORS or name in _NO_EFFECT:
            severity = Severity.INFO if name in _NO_EFFECT else None
            rule = rules.BEHAVIOR_UNKNOWN
            draft.report(rule.at(behavior.location, element=behavior.name, severity=severity, name=behavior.name))


# --- behaviors ---------------------------------------------------------------------------------


def _session(draft: Draft, behaviors: Mapping[str, Behavior]) -> SessionBehavior:
    sign_on, defaults = behaviors.get("singlesignon"), SessionBehavior()
    scope, days, enforce = defaults.scope, defaults.keep_alive_days, False
    if sign_on is not None:
        attributes = {key(name): value for name, value in sign_on.attributes.items()}
        scope = _scope(draft, sign_on, attributes.get("scope", ""))
        days = _number(draft, sign_on, attributes.get("keepaliveindays", "0"), allowed=_KEEP_ALIVE_DAYS)
        enforce = _flag(draft, sign_on, attributes.get("enforceidtokenhintonlogout", "false"))
    lifetime = behaviors.get("sessionexpiryinseconds")
    seconds = defaults.lifetime_s
    if lifetime is not None:
        seconds = _number(draft, lifetime, lifetime.text, allowed=_SESSION_SECONDS)
    return SessionBehavior(scope, _rolling(draft, behaviors), seconds, days, enforce)


def _scope(draft: Draft, behavior: Behavior, text: str) -> SsoScope:
    found = _SCOPES.get(key(text))
    if found is None:
        _reject(draft, behavior, text, expected="Suppressed, TrustFramework, Tenant, Application or Policy")
    return found or SsoScope.SUPPRESSED


def _rolling(draft: Draft, behaviors: Mapping[str, Behavior]) -> bool:
    behavior = behaviors.get("sessionexpirytype")
    if behavior is None:
        return True
    if key(behavior.text) not in {"rolling", "absolute"}:
        _reject(draft, behavior, behavior.text, expected="Rolling or Absolute")
    return key(behavior.text) == "rolling"


def _script_allowed(draft: Draft, behaviors: Mapping[str, Behavior]) -> bool:
    behavior = behaviors.get("scriptexecution")
    if behavior is None:
        return False
    if key(behavior.text) not in {"allow", "disallow"}:
        _reject(draft, behavior, behavior.text, expected="Allow or Disallow")
    return key(behavior.text) == "allow"


def _framing_sources(draft: Draft, behaviors: Mapping[str, Behavior]) -> tuple[str, ...]:
    behavior = behaviors.get("journeyframing")
    if behavior is None:
        return ()
    attributes = {key(name): value for name, value in behavior.attributes.items()}
    if not _flag(draft, behavior, attributes.get("enabled", "")):
        return ()
    return tuple(attributes.get("sources", "").split())


def _content_parameters(behaviors: Mapping[str, Behavior]) -> tuple[tuple[str, Template], ...]:
    behavior = behaviors.get("contentdefinitionparameters")
    if behavior is None:
        return ()
    items = behavior.parameters.values()
    return tuple((item.key, compile_template(item.value, resolve=True)) for item in items)


def _flag(draft: Draft, behavior: Behavior, text: str) -> bool:
    if key(text) not in {"true", "false", "1", "0"}:
        _reject(draft, behavior, text, expected="true or false")
    return key(text) in {"true", "1"}


def _number(draft: Draft, behavior: Behavior, text: str, *, allowed: range) -> int:
    written = text.strip()
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 10 else -1
    if number not in allowed:
        _reject(draft, behavior, text, expected=f"a whole number from {allowed.start} to {allowed.stop - 1}")
        return allowed.start
    return number


def _reject(draft: Draft, behavior: Behavior, text: str, *, expected: str) -> None:
    rule = rules.BEHAVIOR_VALUE
    draft.report(rule.at(behavior.location, element=behavior.name, name=behavior.name, value=text, expected=expected))
