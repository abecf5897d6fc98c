"""Run one technical profile: the phases of its execution, in their documented order.

Source: technical-profiles.md §1.1 and policy-language.md §4.2-4.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from journeyman.claims.bag import ClaimsBag
from journeyman.claims.resolvers import Resolution
from journeyman.claims.transformations import Surroundings, run
from journeyman.claims.values import ClaimValue, ConversionError, DataType, convert
from journeyman.compiler.compiled import (
    ClaimMapping,
    CompiledPolicy,
    ContentDefinition,
    TechnicalProfile,
    Transformation,
)
from journeyman.errors import ClaimsTransformationError, ServiceError
from journeyman.journey.messages import localized_texts, texts_for
from journeyman.journey.preconditions import enabled
from journeyman.service_codes import service_error
from journeyman.technical_profile import Call, Continue, InputClaim, Outcome, Provider, Refuse
from journeyman.trace.records import CallRecord, StepRecord
from journeyman.user_messages import Texts, message

MISSING_INPUT_ID = "UserMessageIfMissingRequiredElement"


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a journey a profile runs.

    Attributes:
        resolve: what claim resolvers see, given the claims of the moment.
        page: the page around it and the profile that shows it, None outside a page.
        record: takes what happens, in order.
        redact: claim id and value in, what a record may show out.
    """

    journey_id: str
    step: str
    exchange_id: str
    language: str
    resolve: Callable[[Mapping[str, ClaimValue]], Resolution]
    record: Callable[[StepRecord | CallRecord], None]
    redact: Callable[[str, ClaimValue], str]
    page: ContentDefinition | None = None
    page_profile: TechnicalProfile | None = None
    grant: Mapping[str, object] = field(default_factory=dict)

    def inside(self, profile_id: str) -> Place:
        """Return the place of a validation technical profile of the page that is shown here."""
        return replace(self, exchange_id=profile_id)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The technical profiles of one policy with the providers that run them."""

    policy: CompiledPolicy
    providers: Mapping[str, Provider]
    key_text: Callable[[str], str | None]

    async def run(self, profile: TechnicalProfile, claims: ClaimsBag, place: Place) -> Outcome:
        """Run a profile over ``claims``; its outputs are written there when it succeeds.

        Returns ``Continue`` also when the profile is disabled. ``ShowPage`` means that ``complete``
        is to be called once the page was answered.

        Raises:
            ServiceError: the profile failed.
        """
        if not enabled(profile.enablement, claims):
            return Continue()
        provider = self.provider(profile)
        texts = self.texts(profile, place)
        self._transform(profile, profile.input_transformations, claims, place)
        call = self.call(profile, claims, place, texts)
        missing = self._missing_input(profile, call)
        if missing is not None:
            return _missing(missing, texts)
        outcome = await provider.execute(call)
        if isinstance(outcome, Continue):
            self.complete(profile, outcome, claims, place)
        return outcome

    def complete(self, profile: TechnicalProfile, done: Continue, claims: ClaimsBag, place: Place) -> None:
        """Write the output claims of a profile that succeeded and run its output transformations."""
        resolution = place.resolve(claims)
        for mapping in profile.output_claims:
            self._write_output(profile, mapping, done.values, claims, resolution)
        self._transform(profile, profile.output_transformations, claims, place)

    def call(self, profile: TechnicalProfile, claims: ClaimsBag, place: Place, texts: Texts) -> Call:
        """Gather what a provider gets."""
        resolution = place.resolve(claims)
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
            texts=texts,
            record=place.record,
            grant=place.grant,
        )

    def provider(self, profile: TechnicalProfile) -> Provider:
        """Return the provider of a profile. Raises ServiceError when this engine cannot run it."""
        provider = self.providers.get(profile.id)
        if provider is None:
            reason = profile.unsupported or f"no provider runs the handler {profile.handler!r}"
            detail = f"technical profile {profile.id!r} cannot run: {reason}"
            raise ServiceError(detail, service_code="AADB2C90037")
        return provider

    def texts(self, profile: TechnicalProfile, place: Place) -> Texts:
        """Return the look-up of user messages for a profile at a place."""
        around = (place.page_profile.metadata,) if place.page_profile else ()
        return texts_for(place.page, place.language, *around, profile.metadata)

    @staticmethod
    def _missing_input(profile: TechnicalProfile, call: Call) -> ClaimMapping | None:
        present = {mapping.claim.id for mapping, _ in call.inputs}
        required = (mapping for mapping in profile.input_claims if mapping.required)
        return next((mapping for mapping in required if mapping.claim.id not in present), None)

    def _write_output(
        self,
        profile: TechnicalProfile,
        mapping: ClaimMapping,
        values: Mapping[str, object],
        claims: ClaimsBag,
        resolution: Resolution,
    ) -> None:
        default = mapping.default.resolve(resolution) if mapping.default else None
        value = None if mapping.always_use_default else values.get(mapping.name)
        if value is None and (mapping.always_use_default or mapping.claim.id not in claims):
            value = default
        if value is None:
            return
        try:
            claims.set(mapping.claim.id, convert(value, mapping.claim.data_type))
        except ConversionError as error:
            detail = f"{profile.id}: the value of claim {mapping.claim.id!r} is not a {mapping.claim.data_type.value}"
            unable = service_error(90278)
            raise ServiceError(detail, service_code=unable.service_code, user_message=str(unable)) from error

    def _transform(
        self, profile: TechnicalProfile, transformations: tuple[Transformation, ...], claims: ClaimsBag, place: Place
    ) -> None:
        for transformation in transformations:
            try:
                self._run_transformation(profile, transformation, claims, place)
            except ClaimsTransformationError as error:
                texts = self.texts(profile, place)
                error.user_message = texts(error.message_id) or error.user_message
                raise

    def _run_transformation(
        self, profile: TechnicalProfile, transformation: Transformation, claims: ClaimsBag, place: Place
    ) -> None:
        inputs: dict[str, list[ClaimValue | None]] = {}
        for name, claim in transformation.inputs:
            inputs.setdefault(name, []).append(claims.get(claim.id))
        outputs = run(
            transformation.method, inputs, transformation.parameters, self._surroundings(profile, transformation, place)
        )
        for name, claim in transformation.outputs:
            if name not in outputs:
                continue
            value = outputs[name]
            if value is None:
                claims.remove(claim.id)
            else:
                claims.set(claim.id, _converted(transformation, claim.id, value, claim.data_type))

    def _surroundings(self, profile: TechnicalProfile, transformation: Transformation, place: Place) -> Surroundings:
        content = place.page or self._content_of(profile)
        strings = localized_texts(content, place.language).strings if content else {}
        return Surroundings(
            now=place.resolve({}).now,
            relying_party_tenant_id=self.policy.tenant_id,
            trust_framework_tenant_id=self.policy.trust_framework_tenant_id,
            technical_profile_id=profile.id,
            outputs={name: claim.data_type for name, claim in transformation.outputs},
            parameter_types=transformation.parameter_types,
            input_ids=transformation.input_ids,
            texts=lambda element, text_id: strings.get((element.casefold(), "", text_id.casefold())),
            key_text=self.key_text,
        )

    def _content_of(self, profile: TechnicalProfile) -> ContentDefinition | None:
        return self.policy.content_definitions.get(profile.metadata.get("ContentDefinitionReferenceId") or "")


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


def _default(mapping: ClaimMapping, text: str) -> ClaimValue:
    try:
        return convert(text, mapping.claim.data_type)
    except ConversionError as error:
        detail = f"the default of claim {mapping.claim.id!r} is not a {mapping.claim.data_type.value}"
        raise ServiceError(detail, service_code="AADB2C90037") from error


def _converted(transformation: Transformation, claim_id: str, value: ClaimValue, data_type: DataType) -> ClaimValue:
    try:
        return convert(value, data_type)
    except ConversionError as error:
        text = f"{transformation.id}: the result does not fit claim {claim_id!r}"
        raise ClaimsTransformationError("ClaimsTransformationError", text) from error


def _missing(mapping: ClaimMapping, texts: Texts) -> Refuse:
    label = mapping.claim.display_name or mapping.claim.id
    return Refuse(
        user_message=message(texts, MISSING_INPUT_ID, label),
        detail=f"the required input claim {mapping.claim.id!r} has no value",
    )
