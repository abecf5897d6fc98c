from __future__ import annotations

import json

import pytest

from journeyman.diagnostics import Severity
from journeyman.policy.load import load_file, load_policies
from journeyman.policy.merge import merge_chain
from journeyman.policy.substitution import Substitutions

pytestmark = pytest.mark.corpus

# Both journeys of this file hold step 3 twice, which the real service refuses as well.
FILES_WITH_ERRORS = {"samples/signin-signup-typingdna/policy/TrustFrameworkExtensions.xml": ["JM1025", "JM1025"]}
TENANT = Substitutions({}, "contoso.onmicrosoft.com")


@pytest.fixture
def index(corpus):
    return json.loads((corpus / "index.json").read_text(encoding="utf-8"))["policies"]


def test_every_well_formed_file_parses_without_an_error_of_ours(corpus, index):
    found = {}
    for record in index:
        if record["wellformed"]:
            policy, diagnostics = load_file(corpus / record["path"], record["path"], TENANT)
            assert policy is not None, record["path"]
            errors = [each.code for each in diagnostics if each.severity is Severity.ERROR]
            found |= {record["path"]: errors} if errors else {}

    assert len(index) == 348
    assert found == FILES_WITH_ERRORS


def test_the_two_malformed_files_are_one_located_error_each(corpus, index):
    found = []
    for record in index:
        if not record["wellformed"]:
            policy, diagnostics = load_file(corpus / record["path"], "p.xml", TENANT)
            assert policy is None
            found += [str(each) for each in diagnostics]

    assert found == ["p.xml:1:227: error JM1005 The file contains invalid XML: not well-formed (invalid token)."] * 2


def test_every_complete_chain_merges_without_an_error(corpus, index):
    files = {record["path"]: load_file(corpus / record["path"], record["path"], TENANT)[0] for record in index}
    merged = 0
    for record in index:
        if not (record["wellformed"] and record["chain_complete"]):
            continue
        chain = [files[link["path"]] for link in reversed(record["chain"])]
        policy, diagnostics = merge_chain(chain)
        assert not [each for each in diagnostics if each.severity is Severity.ERROR], record["path"]
        assert policy.files == tuple(link["path"] for link in reversed(record["chain"]))
        assert policy.policy_id == record["policy_id"]
        merged += 1

    assert merged == 343


@pytest.mark.parametrize(
    "pack", ["LocalAccounts", "SocialAccounts", "SocialAndLocalAccounts", "SocialAndLocalAccountsWithMfa"]
)
def test_a_starter_pack_loads_unchanged_and_without_a_diagnostic(corpus, pack):
    loaded = load_policies(
        [corpus / "starterpack" / pack], settings={}, tenant_name="contoso.onmicrosoft.com", relative_to=corpus
    )
    results = [loaded.merged(policy.policy_id) for policy in loaded.policies.values()]

    assert loaded.diagnostics == ()
    assert [diagnostics for _, diagnostics in results] == [[]] * len(results)
    assert all(policy.tenant_id == "contoso.onmicrosoft.com" for policy, _ in results)


def test_the_sign_in_policy_of_the_local_accounts_pack_is_what_its_files_say(corpus):
    loaded = load_policies(
        [corpus / "starterpack" / "LocalAccounts"], settings={}, tenant_name="contoso.onmicrosoft.com"
    )
    policy, _ = loaded.merged("B2C_1A_signup_signin")

    profile = policy.technical_profiles["login-noninteractive"]
    directory_write = policy.technical_profiles["aad-userwriteusinglogonemail"]
    assert [path.rpartition("/")[2] for path in policy.files] == [
        "TrustFrameworkBase.xml",
        "TrustFrameworkLocalization.xml",
        "TrustFrameworkExtensions.xml",
        "SignUpOrSignin.xml",
    ]
    assert policy.relying_party.default_user_journey.id == "SignUpOrSignIn"
    assert [step.type for step in policy.user_journeys["signuporsignin"].steps.values()] == [
        "CombinedSignInAndSignUp",
        "ClaimsExchange",
        "ClaimsExchange",
        "SendClaims",
    ]
    assert profile.metadata["client_id"].value == "ProxyIdentityExperienceFrameworkAppId"
    assert directory_write.protocol.handler.startswith("Web.TPEngine.Providers.AzureActiveDirectoryProvider")
    assert directory_write.cryptographic_keys["issuer_secret"].storage_reference_id == "B2C_1A_TokenSigningKeyContainer"


def merge(corpus, index, path):
    [record] = [each for each in index if each["path"] == path]
    chain = [load_file(corpus / link["path"], link["path"], TENANT)[0] for link in reversed(record["chain"])]
    return merge_chain(chain)[0]


def test_the_change_password_sample_asks_for_the_old_password_first(corpus, index):
    policy = merge(corpus, index, "samples/change-password/policy/PasswordChange.xml")

    profile = policy.technical_profiles["localaccountwritepasswordusingobjectid"]
    assert [claim.claim_type for claim in profile.output_claims] == ["password", "newPassword", "reenterPassword"]
    assert [each.profile.id for each in profile.validation_technical_profiles] == [
        "login-NonInteractive",
        "AAD-UserWritePasswordUsingObjectId",
        "AAD-UserWritePasswordUsingObjectId",
    ]


def test_the_migration_sample_stops_the_inherited_validation_with_its_last_own_one(corpus, index):
    policy = merge(corpus, index, "samples/B2C2B2CMigration/Policy/B2CMigrate_SignUpOrSignin.xml")

    profile = policy.technical_profiles["selfasserted-localaccountsignin-email"]
    found = profile.validation_technical_profiles
    assert found[-1].profile.id == "login-NonInteractive"
    assert found[-1].preconditions == ()
    assert found[-2].continue_on_success is False
