"""Every unit-test policy of the collection is run by a test here, or it says what it waits for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytestmark = pytest.mark.corpus

WAITING = {
    "B2C_1A_CR_SAML": "SAML relying parties",  # its page is tested, its issuer is not built
    "B2C_1A_TP_AzureMfa_Operation_OneWaySMS_and_Verify": "text messages",
    "B2C_1A_TP_PhoneFactor": "text messages",
}


def test_every_policy_is_run_or_says_what_it_waits_for(corpus):
    records = json.loads((corpus / "index.json").read_text(encoding="utf-8"))["policies"]
    known = [one["policy_id"] for one in records if one["path"].startswith("unit-tests/")]
    others = [path for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name]
    tests = "\n".join(path.read_text(encoding="utf-8") for path in others)

    missing = {name for name in known if name not in WAITING and not _is_run(name, tests)}
    assert (len(known), len(WAITING)) == (117, 3)
    assert missing == set()
    assert WAITING.keys() <= set(known)


def _is_run(policy_id: str, tests: str) -> bool:
    name = policy_id.removeprefix("B2C_1A_")
    # A table of test_technical_profiles.py has the names of page settings without what they begin with.
    setting = name.removeprefix("TP_SA_metadata_setting_")
    return any(f'"{text}"' in tests for text in (name, policy_id, setting))
