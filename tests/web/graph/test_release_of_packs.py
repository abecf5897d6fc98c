"""The public starter packs as releases: uploaded by level in parallel, then deployed whole."""

from __future__ import annotations

import asyncio
import base64
import io
import re

import pytest

POLICIES = "/beta/trustFramework/policies"
RELEASES = "/beta/trustFramework/releases"
PACKS = ("LocalAccounts", "SocialAccounts", "SocialAndLocalAccounts", "SocialAndLocalAccountsWithMfa")


@pytest.fixture
async def api(deploy, employ):
    """An application that may do all with policies and keys of a tenant without policies."""
    site = await deploy(prepare=lambda folder: [path.unlink() for path in (folder / "policies").iterdir()])
    found = await employ("Policy.ReadWrite.TrustFramework", "TrustFrameworkKeySet.ReadWrite.All", at=site)
    await found("POST", "/beta/trustFramework/keySets", json={"id": "FacebookSecret"})
    secret = {"use": "sig", "k": "a secret of the provider"}
    await found("POST", "/beta/trustFramework/keySets/B2C_1A_FacebookSecret/uploadSecret", json=secret)
    return found


def levels_of(files):
    """Group policies by their distance to the root of their chain."""
    bases = {}
    for text in files.values():
        own = re.search(r'\bPolicyId="([^"]+)"', text)[1]
        above = re.search(r"<BasePolicy>.*?<PolicyId>([^<]+)</PolicyId>", text, re.DOTALL)
        bases[own] = above[1] if above else None

    def depth(name):
        return 0 if bases[name] is None else 1 + depth(bases[name])

    found = {}
    for name, text in zip(bases, files.values(), strict=True):
        found.setdefault(depth(name), {})[name] = text
    return [found[level] for level in sorted(found)]


@pytest.mark.corpus
@pytest.mark.parametrize("pack", PACKS)
async def test_a_pack_is_uploaded_by_level_in_parallel_and_is_then_what_a_release_of_it_is(api, corpus, pack):
    paths = sorted((corpus / "starterpack" / pack).glob("*.xml"))
    files = {path.name: path.read_bytes().decode() for path in paths}

    for level in levels_of(files):
        replies = await asyncio.gather(
            *(api("PUT", f"{POLICIES}/{name}/$value", data=io.BytesIO(text.encode())) for name, text in level.items())
        )
        assert [reply.status for reply in replies] == [201] * len(level), [reply.body for reply in replies]
    policies = [{"name": name, "content": base64.b64encode(text.encode()).decode()} for name, text in files.items()]
    plan = await api("POST", f"{RELEASES}/plan", json={"policies": policies})

    assert (plan.json["problems"], len(plan.json["unchanged"])) == ([], len(files))
    assert (await api("POST", f"{RELEASES}/0/rollback")).status == 201
    assert (await api("POST", RELEASES, json={"policies": policies})).status == 201
