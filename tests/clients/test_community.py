"""Community tools, by the requests that they send; none of them runs here."""

from __future__ import annotations

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
import trustme
from acceptance_folder import TENANT
from acceptance_policy import call
from acceptance_tls import pfx
from clients_caller import API
from community_exchange import play
from community_tools import POLICIES, TOOLS


@pytest.fixture
def known(master):
    """What a user of the tool configures."""
    basic = base64.b64encode(f"{quote(master.client_id)}:{quote(master.secret)}".encode()).decode()
    return {
        "tenant": TENANT,
        "client_id": master.client_id,
        "client_secret": master.secret,
        "basic": f"Basic {basic}",
        "pfx": base64.b64encode(pfx(trustme.CA(), "tool", "Canary-tool")).decode(),
        "pfx_password": "Canary-tool",
    }


@pytest.mark.parametrize("tool", TOOLS)
def test_what_a_tool_sends_is_answered_as_it_needs(master, known, tool):
    name = re.sub("[^A-Za-z]", "", tool)
    known |= {"id": f"B2C_1A_{name}", "policy": call(name, f"{API}/ok/{name.lower()}")}

    play(master, TOOLS[tool], known)


def base(name, of=""):
    """Write a policy without a journey of its own."""
    based = f"<BasePolicy><TenantId>{TENANT}</TenantId><PolicyId>{of}</PolicyId></BasePolicy>" if of else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<TrustFrameworkPolicy '
        'xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" PolicySchemaVersion="0.3.0.0" '
        f'TenantId="{TENANT}" PolicyId="{name}" PublicPolicyUri="http://{TENANT}/{name}">{based}</TrustFrameworkPolicy>'
    )


def test_policies_of_one_level_may_be_uploaded_at_once_and_none_is_lost(master):
    assert master("PUT", f"{POLICIES}/B2C_1A_LevelBase/$value", body=base("B2C_1A_LevelBase")).status == 201
    names = [f"B2C_1A_Level{number}" for number in range(12)]
    texts = {name: base(name, of="B2C_1A_LevelBase") for name in names}

    def put(name):
        answer = master("PUT", f"{POLICIES}/{name}/$value", body=texts[name], Content_Type="application/xml")
        return answer.status, answer.text

    with ThreadPoolExecutor(len(names)) as threads:
        answers = list(threads.map(put, names))

    assert answers == [(201, texts[name]) for name in names]
    listed = {policy["id"] for policy in master("GET", POLICIES).json["value"]}
    assert set(names) <= listed
    assert [master("GET", f"{POLICIES}/{name}/$value").text for name in names] == [texts[name] for name in names]
