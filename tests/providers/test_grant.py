from __future__ import annotations

from journeyman.providers.grant import GrantProvider
from journeyman.technical_profile import Continue


async def test_what_the_grant_remembers_comes_back_by_claim_id_in_any_case(xml, compile_policy_text, make_call):
    claims = (xml.claim("tier"), xml.claim("unknown"))
    profile = xml.profile("Read", "None", outputs=("objectId", 'tier PartnerClaimType="level"', "unknown"))
    policy = compile_policy_text(xml.policy(xml.step(Read="Read"), claims=claims, profiles=(profile,)))
    call = make_call(policy, "Read", grant={"OBJECTID": "u", "tier": "gold", "more": "x"})

    assert await GrantProvider().execute(call) == Continue({"objectId": "u", "level": "gold"})


async def test_without_a_grant_there_is_nothing(xml, compile_policy_text, make_call):
    policy = compile_policy_text(
        xml.policy(xml.step(Read="Read"), profiles=(xml.profile("Read", "None", outputs=("objectId",)),))
    )

    assert await GrantProvider().execute(make_call(policy, "Read")) == Continue()
