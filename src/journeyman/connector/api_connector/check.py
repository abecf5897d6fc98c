"""Check a profile of an API connector when the policy is loaded: a compiled profile in, diagnostics out.

Source: docs/reference/api-connectors.md. Items that every connector needs, and storage references, are looked up by
the compiler, for all handlers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from journeyman.compiler.compiled import ClaimMapping
from journeyman.compiler.spec import KeyInfo, ProfileCheck
from journeyman.connector.api_connector import names, rules
from journeyman.connector.api_connector.profile import KEY_IDS, Proof, client_authentication, proof_of
from journeyman.connector.api_connector.step import Step, step_of
from journeyman.connector.check_own import check_bearer
from journeyman.connector.egress_map import origin_of
from journeyman.connector.errors import ConnectorError
from journeyman.connector.profile import key_reference, text_of
from journeyman.connector.request import forbidden_header
from journeyman.connector.service_url import compile_service_url, without_secrets
from journeyman.diagnostics import Diagnostic, Rule
from journeyman.policy import connector_profile as items
from journeyman.settings import ClientAuthentication, ProfileSettings

_NEEDED: Final = {
    Proof.BASIC: (items.USERNAME,),
    Proof.MANAGED_BEARER: (items.TOKEN_URL, items.CLIENT_ID),
}


@dataclass(frozen=True, slots=True)
class ConnectorChecks:
    """The checks of a tenant: they look at its settings, too.

    Attributes:
        mapped: the origins that the egress map sends elsewhere.
        profiles: what ``journeyman.toml`` says of profiles, by profile id in lower case.
    """

    mapped: Collection[str] = ()
    profiles: Mapping[str, ProfileSettings] = field(default_factory=dict)

    def __call__(self, check: ProfileCheck) -> Iterator[Diagnostic]:
        """Yield what is wrong with a profile."""
        yield from self._url(check, items.SERVICE_URL)
        step, proof = step_of(check.profile.metadata), proof_of(check.profile.metadata)
        if step is None and items.STEP in check.profile.metadata:
            yield _found(check, rules.STEP, items.STEP, value=text_of(check.profile.metadata, items.STEP))
        own = self.profiles.get(check.profile.id.lower())
        if own is not None and own.bearer is not None:
            yield from check_bearer(check, own.bearer)
        elif proof is not None:
            yield from _needed(check, proof)
            yield from _key(check, proof)
        elif items.AUTHENTICATION_TYPE in check.profile.metadata:
            value = text_of(check.profile.metadata, items.AUTHENTICATION_TYPE)
            yield _found(check, rules.AUTHENTICATION_TYPE, items.AUTHENTICATION_TYPE, value=value)
        if proof is Proof.MANAGED_BEARER:
            yield from self._url(check, items.TOKEN_URL)
            yield from _client_authentication(check)
        if step is not None:
            yield from _inputs(check, step)
            yield from _outputs(check, step)

    def _url(self, check: ProfileCheck, item: str) -> Iterator[Diagnostic]:
        text = text_of(check.profile.metadata, item)
        if item not in check.profile.metadata:
            return
        try:
            url = compile_service_url(text, (), placeholders=False, resolvers=False).sample
        except ConnectorError as error:
            yield _found(check, rules.SERVICE_URL, item, value=without_secrets(text), reason=error.operator)
            return
        if url.scheme != "https" and origin_of(url) not in self.mapped:
            yield _found(check, rules.PLAIN_HTTP, item, value=without_secrets(text))


check_connector: Final = ConnectorChecks()
"""The checks where no settings are known."""


def _found(check: ProfileCheck, rule: Rule, place: str, **values: object) -> Diagnostic:
    profile = check.profile.id
    return rule.at(check.place(place), element=profile, severity=None, profile=profile, **values)


def _needed(check: ProfileCheck, proof: Proof) -> Iterator[Diagnostic]:
    for item in _NEEDED.get(proof, ()):
        if not text_of(check.profile.metadata, item):
            yield _found(check, rules.ITEM_MISSING, items.AUTHENTICATION_TYPE, item=item, method=proof.value)


def _key(check: ProfileCheck, proof: Proof) -> Iterator[Diagnostic]:
    key_id = next(iter(check.profile.keys), "") if proof is Proof.API_KEY_HEADER else KEY_IDS[proof]
    if proof is Proof.API_KEY_HEADER and check.profile.keys:
        reason = forbidden_header(key_id, own_authorization=False)
        if len(check.profile.keys) > 1:
            reason = "there is more than one key"
        if reason:
            yield _found(check, rules.HEADER, key_id, key=key_id, reason=reason)
    reference = key_reference(check.profile, key_id)
    if reference is None:
        yield _found(check, rules.KEY_MISSING, items.AUTHENTICATION_TYPE, key=key_id or "x-api-key")
        return
    info = check.keys.get(reference.casefold()) if check.keys is not None else None
    reason = _unfit(info, proof, client_authentication(check.profile.metadata)) if info and info.kty else ""
    if info is not None and reason:
        yield _found(check, rules.KEY_KIND, key_id, id=info.id, key=key_id, reason=reason)


def _unfit(info: KeyInfo, proof: Proof, method: ClientAuthentication | None) -> str:
    needs_pair = proof is Proof.CERTIFICATE or method is ClientAuthentication.TLS_CLIENT_AUTH
    if needs_pair:
        return "" if info.has_certificate and info.has_private_key else "it holds no certificate with a private key"
    if proof is Proof.MANAGED_BEARER and method is ClientAuthentication.PRIVATE_KEY_JWT:
        return "" if info.has_private_key else "it holds no private key"
    return "" if info.kty == "oct" else "it holds a key pair and not a secret"


def _client_authentication(check: ProfileCheck) -> Iterator[Diagnostic]:
    metadata = check.profile.metadata
    if items.CLIENT_AUTHENTICATION in metadata and client_authentication(metadata) is None:
        value = text_of(metadata, items.CLIENT_AUTHENTICATION)
        yield _found(check, rules.CLIENT_AUTHENTICATION, items.CLIENT_AUTHENTICATION, value=value)


def _inputs(check: ProfileCheck, step: Step) -> Iterator[Diagnostic]:
    inputs = check.profile.input_claims
    for mapping in inputs:
        claim, name = mapping.claim.id, mapping.name
        reason = names.unsendable(mapping, step)
        if reason:
            yield _found(check, rules.UNSENDABLE, claim, claim=claim, name=name, reason=reason)
    yield from _named(check, inputs, "input")
    sent = {mapping.name for mapping in inputs}
    pair = (names.ISSUER, names.ISSUER_ASSIGNED_ID)
    for name, other in (pair, pair[::-1]):
        if name in sent and other not in sent:
            claim = next(mapping.claim.id for mapping in inputs if mapping.name == name)
            yield _found(check, rules.PARTS, claim, name=name, other=other)


def _outputs(check: ProfileCheck, step: Step) -> Iterator[Diagnostic]:
    outputs = check.profile.output_claims
    for mapping in outputs:
        claim, name = mapping.claim.id, mapping.name
        reason = names.untakable(mapping, step)
        if reason:
            yield _found(check, rules.UNTAKABLE, claim, claim=claim, name=name, reason=reason)
    yield from _named(check, outputs, "output")


def _named(check: ProfileCheck, mappings: Sequence[ClaimMapping], kind: str) -> Iterator[Diagnostic]:
    counted = Counter(mapping.name for mapping in mappings)
    seen: set[str] = set()
    for mapping in mappings:
        claim, name = mapping.claim.id, mapping.name
        if names.is_unfinished_extension(name):
            yield _found(check, rules.EXTENSION, claim, claim=claim, name=name)
        if counted[name] > 1 and name not in seen:
            seen.add(name)
            yield _found(check, rules.TWICE, claim, kind=kind, name=name)
