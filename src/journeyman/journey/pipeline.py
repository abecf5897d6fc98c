"""Run one technical profile: the phases of its execution, in their documented order.

Source: technical-profiles.md §1.1 and policy-language.md §4.2-4.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.claim_type import ClaimType
from journeyman.claims.resolvers import Resolution, compile_template
from journeyman.claims.transformations import Surroundings, run
from journeyman.claims.transformations.arguments import failure
from journeyman.claims.values import ClaimValue, ConversionError, convert
from journeyman.compiler.compiled import (
    ClaimMapping,
    CompiledPolicy,
    ContentDefinition,
    LocalizedTexts,
    TechnicalProfile,
    Transformation,
)
from journeyman.errors import ClaimsTransformationError, ServiceError
from journeyman.journey.concealment import concealed_record, secret_texts, unheld_secrets
from journeyman.journey.messages import localized_texts, texts_for
from journeyman.journey.place import Place
from journeyman.service_codes import service_error
from journeyman.technical_profile import Call, Continue, InputClaim, Outcome, Provider, Refuse, offered_options
from journeyman.trace.concealment import written_forms
from journeyman.user_messages import Texts, message

_OWN_LANGUAGE = "getlocalizedstringstransformationclaimtype"
"""The texts that never come from the default language."""
MISSING_INPUT_ID = "UserMessageIfMissingRequiredElement"


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The technical profiles of one policy with the providers that run them."""

    policy: CompiledPolicy
    providers: Mapping[str, Provider]
    key_text: Callable[[str], str | None]

    async def run(self, profile: TechnicalProfile, claims: ClaimsBag, place: Place) -> Outcome:
        """Run a profile that is enabled over ``claims``; its outputs are written there when it succeeds.

        ``ShowPage`` means that ``complete`` is to be called once the page was answered.

        Raises:
            ServiceError: the profile failed.
        """
        provider = self.provider(profile)
        resolution = place.resolve(claims)
        self._transform(profile, profile.input_transformations, claims, place, resolution)
        call = self.call(profile, claims, place, resolution)
        missing = _missing_input(profile, call)
        if missing is not None:
            return _missing(missing, call.texts)
        place.sent.extend(unheld_secrets((*call.inputs, *call.persisted), claims))
        outcome = await provider.execute(call)
        if isinstance(outcome, Continue):
            self._complete(profile, outcome, claims, place, resolution)
        return outcome

    def complete(self, profile: TechnicalProfile, done: Continue, claims: ClaimsBag, place: Place) -> None:
        """Write the output claims of a profile that succeeded and run its output transformations."""
        self._complete(profile, done, claims, place, place.resolve(claims))

    def _complete(
        self, profile: TechnicalProfile, done: Continue, claims: ClaimsBag, place: Place, resolution: Resolution
    ) -> None:
        if done.token_answer:
            resolution = replace(resolution, oauth2=done.token_answer)
        for mapping in profile.output_claims:
            _write_output(profile, mapping, done, claims, resolution)
        if not profile.output_transformations:
            return
        seen = _with_defaults(profile, claims, resolution)
        before = seen.copy()
        self._transform(profile, profile.output_transformations, seen, place, resolution)
        written = {claim.id for transformation in profile.output_transformations for _, claim in transformation.outputs}
        for claim_id in written:
            if seen.get(claim_id) != before.get(claim_id):
                claims.set(claim_id, seen.get(claim_id))

    def call(
        self, profile: TechnicalProfile, claims: ClaimsBag, place: Place, resolution: Resolution | None = None
    ) -> Call:
        """Gather what a provider gets."""
        resolution = resolution or place.resolve(claims)
        return Call(
            profile=profile,
            inputs=_values(profile.input_claims, claims, resolution),
            persisted=_values(profile.persisted_claims, claims, resolution),
            claims=claims,
            resolution=resolution,
            journey_id=place.journey_id,
            step=place.step,
            exchange_id=place.exchange_id or profile.id,
            page=place.page,
            texts=_texts(profile, place),
            record=lambda record: place.record(concealed_record(record, self.policy, claims)),
            grant=place.grant,
            localized=place.localized,
            secrets=lambda: secret_texts(self.policy, claims, place.tainted) | written_forms(place.sent),
        )

    def provider(self, profile: TechnicalProfile) -> Provider:
        """Return the provider of a profile. Raises ServiceError when this engine cannot run it."""
        provider = self.providers.get(profile.id)
        if provider is None:
            reason = profile.unsupported or f"no provider runs the handler {profile.handler!r}"
            detail = f"technical profile {profile.id!r} cannot run: {reason}"
            raise ServiceError(detail, service_code="AADB2C90037")
        return provider

    def _transform(
        self,
        profile: TechnicalProfile,
        transformations: tuple[Transformation, ...],
        claims: ClaimsBag,
        place: Place,
        resolution: Resolution,
    ) -> None:
        if not transformations:
            return
        localized = self._localized(profile, place)
        for transformation in transformations:
            surroundings = self._surroundings(profile, transformation, localized, place, resolution)
            try:
                _run_transformation(transformation, claims, surroundings)
            except ClaimsTransformationError as error:
                error.user_message = _texts(profile, place)(error.message_id) or error.user_message
                raise

    def _surroundings(
        self,
        profile: TechnicalProfile,
        transformation: Transformation,
        localized: LocalizedTexts,
        place: Place,
        resolution: Resolution,
    ) -> Surroundings:
        strings, own = localized.strings, self._own_language(profile, place).strings
        return Surroundings(
            now=resolution.now,
            relying_party_tenant_id=self.policy.tenant_id,
            trust_framework_tenant_id=self.policy.trust_framework_tenant_id,
            technical_profile_id=profile.id,
            outputs={name: claim.data_type for name, claim in transformation.outputs},
            parameter_types=transformation.parameter_types,
            input_ids=transformation.input_ids,
            texts=lambda element, text_id: (own if element.casefold() == _OWN_LANGUAGE else strings).get(
                (element.casefold(), "", text_id.casefold())
            ),
            key_text=self.key_text,
            parameter_ids=transformation.parameter_ids,
            output_claims={name: _in_language(claim, localized) for name, claim in transformation.outputs},
        )

    def _localized(self, profile: TechnicalProfile, place: Place) -> LocalizedTexts:
        """Return the texts for transformations: of the page that the profile names itself, else of the page around."""
        own = self._page_of(profile)
        if own is None or own is place.page:
            return place.localized
        return localized_texts(own, place.language, default=self.policy.languages.default)

    def _own_language(self, profile: TechnicalProfile, place: Place) -> LocalizedTexts:
        """Return the same without those of the default language (policy-language.md §3.6)."""
        return localized_texts(self._page_of(profile) or place.page, place.language)

    def _page_of(self, profile: TechnicalProfile) -> ContentDefinition | None:
        return self.policy.content_definitions.get(profile.metadata.get("ContentDefinitionReferenceId") or "")


def _texts(profile: TechnicalProfile, place: Place) -> Texts:
    around = (place.page_profile.metadata,) if place.page_profile else ()
    return texts_for(place.localized, *around, profile.metadata)


def _in_language(claim: ClaimType, localized: LocalizedTexts) -> ClaimType:
    return replace(claim, options=offered_options(claim, localized)) if localized.collections else claim


def _run_transformation(transformation: Transformation, claims: ClaimsBag, surroundings: Surroundings) -> None:
    inputs: dict[str, list[ClaimValue | None]] = {}
    for name, claim in transformation.inputs:
        inputs.setdefault(name, []).append(claims.get(claim.id))
    outputs = run(transformation.method, inputs, transformation.parameters, surroundings)
    for name, claim in transformation.outputs:
        if name in outputs:
            value = outputs[name]  # None removes the claim
            claims.set(claim.id, None if value is None else _converted(transformation, claim, value))


def _write_output(
    profile: TechnicalProfile, mapping: ClaimMapping, done: Continue, claims: ClaimsBag, resolution: Resolution
) -> None:
    claim_id = mapping.claim.id
    name = claim_id if done.keyed_by_claim else mapping.name
    if name in done.cleared:
        claims.remove(claim_id)
    value = None if mapping.always_use_default else done.values.get(name)
    if value is None and done.token_answer and name.startswith("{"):
        # A partner claim type such as {oauth2:access_token} names a part of the provider's token answer (claims.md A.2).
        value = compile_template(name, resolve=True).resolve(resolution)
    if value is None and mapping.default is not None and (mapping.always_use_default or claim_id not in claims):
        value = mapping.default.resolve(resolution)
    if value is None:
        return
    try:
        claims.set(claim_id, convert(value, mapping.claim.data_type))
    except ConversionError as error:
        detail = f"{profile.id}: the value of claim {claim_id!r} is not a {mapping.claim.data_type.value}"
        unable = service_error(90278)
        raise ServiceError(detail, service_code=unable.service_code, user_message=str(unable)) from error


def _values(
    mappings: tuple[ClaimMapping, ...], claims: Mapping[str, ClaimValue], resolution: Resolution
) -> tuple[InputClaim, ...]:
    chosen: list[InputClaim] = []
    for mapping in mappings:
        value = None if mapping.always_use_default else claims.get(mapping.claim.id)
        if value is None and mapping.default is not None:
            text = mapping.default.resolve(resolution)
            value = _default(mapping, text) if text is not None else None
        if value is not None:
            chosen.append((mapping, value))
    return tuple(chosen)


def _with_defaults(profile: TechnicalProfile, claims: ClaimsBag, resolution: Resolution) -> ClaimsBag:
    """Return what the output transformations of a profile see: its input claims too, where only a default gives them.

    The documents are silent; a unit-test policy generates JSON of an input claim that is no output claim.
    """
    given = {mapping.claim.id: value for mapping, value in _values(profile.input_claims, claims, resolution)}
    return ClaimsBag({**given, **claims})


def _default(mapping: ClaimMapping, text: str) -> ClaimValue:
    try:
        return convert(text, mapping.claim.data_type)
    except ConversionError as error:
        detail = f"the default of claim {mapping.claim.id!r} is not a {mapping.claim.data_type.value}"
        raise ServiceError(detail, service_code="AADB2C90037") from error


def _converted(transformation: Transformation, claim: ClaimType, value: ClaimValue) -> ClaimValue:
    try:
        return convert(value, claim.data_type)
    except ConversionError as error:
        text = f"{transformation.id}: the result does not fit claim {claim.id!r}"
        raise failure(text) from error


def _missing_input(profile: TechnicalProfile, call: Call) -> ClaimMapping | None:
    required = [mapping for mapping in profile.input_claims if mapping.required]
    if not required:
        return None
    present = {mapping.claim.id for mapping, _ in call.inputs}
    return next((mapping for mapping in required if mapping.claim.id not in present), None)


def _missing(mapping: ClaimMapping, texts: Texts) -> Refuse:
    label = mapping.claim.display_name or mapping.claim.id
    return Refuse(
        user_message=message(texts, MISSING_INPUT_ID, label),
        detail=f"the required input claim {mapping.claim.id!r} has no value",
    )
