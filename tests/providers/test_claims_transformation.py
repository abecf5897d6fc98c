from __future__ import annotations

from journeyman.providers.claims_transformation import CLAIMS_TRANSFORMATION_SPEC, ClaimsTransformationProvider
from journeyman.technical_profile import Continue


async def test_it_hands_on_its_input_claims_with_their_defaults(xml, compile_policy_text, make_call):
    profile = xml.profile(
        "Run", "transform", inputs=('objectId DefaultValue="u" PartnerClaimType="id"',), outputs=("objectId",)
    )
    policy = compile_policy_text(xml.policy(xml.step(Run="Run"), profiles=(profile,)))

    done = await ClaimsTransformationProvider().execute(make_call(policy, "Run", {"objectId": "u"}))
    assert done == Continue({"objectId": "u"}, keyed_by_claim=True)


def test_it_knows_the_page_whose_texts_transformations_read():
    assert "ContentDefinitionReferenceId" in CLAIMS_TRANSFORMATION_SPEC.metadata
