from __future__ import annotations

from journeyman.providers.claims_transformation import CLAIMS_TRANSFORMATION_SPEC, ClaimsTransformationProvider
from journeyman.technical_profile import Continue


async def test_it_returns_nothing_because_the_journey_runs_the_transformations(xml, compile_policy_text, make_call):
    profile = xml.profile("Run", "transform", outputs=('objectId DefaultValue="u"',))
    policy = compile_policy_text(xml.policy(xml.step(Run="Run"), profiles=(profile,)))

    assert await ClaimsTransformationProvider().execute(make_call(policy, "Run")) == Continue()


def test_it_knows_the_page_whose_texts_transformations_read():
    assert "ContentDefinitionReferenceId" in CLAIMS_TRANSFORMATION_SPEC.metadata
