"""Policy keys and custom policies by msgraph-beta-sdk, up to a sign-up with the starter pack. Source: graph-api.md §6."""

from __future__ import annotations

import base64
import re

import httpx
import pytest
import trustme
from acceptance_browser import decoded
from acceptance_folder import TENANT, Folder
from acceptance_policy import call
from acceptance_tls import pfx
from clients_caller import ALL_ROLES, hire, until
from clients_sdk import SDK_WARNINGS, beta_client
from msgraph_beta.generated.models.o_data_errors.o_data_error import ODataError
from msgraph_beta.generated.models.trust_framework_key import TrustFrameworkKey
from msgraph_beta.generated.models.trust_framework_key_set import TrustFrameworkKeySet
from msgraph_beta.generated.trust_framework.key_sets.item.generate_key.generate_key_post_request_body import (
    GenerateKeyPostRequestBody,
)
from msgraph_beta.generated.trust_framework.key_sets.item.upload_certificate import (
    upload_certificate_post_request_body as certificate_body,
)
from msgraph_beta.generated.trust_framework.key_sets.item.upload_pkcs12.upload_pkcs12_post_request_body import (
    UploadPkcs12PostRequestBody,
)
from msgraph_beta.generated.trust_framework.key_sets.item.upload_secret.upload_secret_post_request_body import (
    UploadSecretPostRequestBody,
)

pytestmark = SDK_WARNINGS

MAIL = "ada@contoso.example"


@pytest.fixture
async def http():
    async with httpx.AsyncClient(trust_env=False, timeout=30) as found:
        yield found


@pytest.fixture
def trust_framework(master, http):
    return beta_client(master, http).trust_framework


async def made(trust_framework, name):
    """Create a key set; return its id and its builder."""
    created = await trust_framework.key_sets.post(TrustFrameworkKeySet(id=name))
    return created.id, trust_framework.key_sets.by_trust_framework_key_set_id(created.id)


async def test_a_generated_key_is_listed_and_active_and_private_to_the_server(trust_framework):
    name, key_set = await made(trust_framework, "SdkGenerated")
    key = await key_set.generate_key.post(GenerateKeyPostRequestBody(use="sig", kty="RSA", nbf=1_700_000_000))
    second = await key_set.generate_key.post(GenerateKeyPostRequestBody(use="sig", kty="RSA"))
    active = await key_set.get_active_key.get()
    read = await key_set.get()
    listed = await trust_framework.key_sets.get()

    assert name == "B2C_1A_SdkGenerated"
    assert (key.kty, key.use, key.nbf, key.d, key.k) == ("RSA", "sig", 1_700_000_000, None, None)
    assert [each.kid for each in read.keys] == [key.kid, second.kid]
    assert active.kid == key.kid, "a key with a date goes before one without"
    assert active.n
    assert active.e == "AQAB"
    assert name in [each.id for each in listed.value]


async def test_a_secret_is_uploaded_and_never_returned(trust_framework):
    _, key_set = await made(trust_framework, "SdkSecret")
    key = await key_set.upload_secret.post(UploadSecretPostRequestBody(use="sig", k="Canary-sdk-secret"))

    assert (key.kty.lower(), key.use, key.k) == ("oct", "sig", None)
    assert (await key_set.get()).keys[0].k is None


async def test_a_pfx_and_a_certificate_are_uploaded(trust_framework):
    _, with_key = await made(trust_framework, "SdkPfx")
    _, without = await made(trust_framework, "SdkCertificate")
    content = base64.b64encode(pfx(trustme.CA(), "sdk", "Canary-pfx")).decode()
    key = await with_key.upload_pkcs12.post(UploadPkcs12PostRequestBody(key=content, password="Canary-pfx"))
    alone = await without.upload_certificate.post(certificate_body.UploadCertificatePostRequestBody(key=key.x5c[0]))

    assert (key.kty, key.d, key.p) == ("RSA", None, None)
    assert (alone.kty, alone.x5t, alone.x5c[0]) == ("RSA", key.x5t, key.x5c[0])


async def test_the_errors_of_keys_are_those_that_clients_know(trust_framework):
    _, key_set = await made(trust_framework, "SdkErrors")
    content = base64.b64encode(pfx(trustme.CA(), "sdk", "right")).decode()
    calls = (
        (trust_framework.key_sets.post, TrustFrameworkKeySet(id="SdkErrors"), 409, "AADB2C95028"),
        (key_set.upload_pkcs12.post, UploadPkcs12PostRequestBody(key=content, password="wrong"), 400, "AADB2C90213"),
        (
            trust_framework.key_sets.by_trust_framework_key_set_id("B2C_1A_Sdk0").upload_secret.post,
            UploadSecretPostRequestBody(use="sig", k="x"),
            400,
            "AADB2C95052",
        ),
    )
    for send, body, status, code in calls:
        with pytest.raises(ODataError) as refused:
            await send(body)

        assert (refused.value.response_status_code, refused.value.error.code) == (status, code)


async def test_all_keys_are_replaced_and_a_deleted_set_leaves_a_copy(trust_framework):
    name, key_set = await made(trust_framework, "SdkReplaced")
    await key_set.generate_key.post(GenerateKeyPostRequestBody(use="enc", kty="RSA"))
    new = TrustFrameworkKey(k=base64.urlsafe_b64encode(b"s" * 32).decode().rstrip("="), kty="oct", use="sig")
    replaced = await key_set.patch(TrustFrameworkKeySet(id=name, keys=[new]))
    await key_set.delete()
    left = [each.id for each in (await trust_framework.key_sets.get()).value]

    assert [(each.kty.lower(), each.use, each.k) for each in replaced.keys] == [("oct", "sig", None)]
    assert name not in left
    assert f"{name}.bak" in left


async def test_a_policy_with_a_mistake_is_refused_with_the_envelope_of_the_service(trust_framework):
    policy = trust_framework.policies.by_trust_framework_policy_id("B2C_1A_SdkBad")
    text = (
        '<TrustFrameworkPolicy xmlns="http://schemas.microsoft.com/online/cpim/schemas/2013/06" '
        f'PolicySchemaVersion="0.3.0.0" TenantId="{TENANT}" PolicyId="B2C_1A_SdkBad" '
        f'PublicPolicyUri="http://{TENANT}/B2C_1A_SdkBad">'
        f"<BasePolicy><TenantId>{TENANT}</TenantId><PolicyId>B2C_1A_Nowhere</PolicyId></BasePolicy>"
        "</TrustFrameworkPolicy>"
    )
    with pytest.raises(ODataError) as refused:
        await policy.content.put(text.encode())

    assert (refused.value.response_status_code, refused.value.error.code) == (400, "AADB2C")
    assert "B2C_1A_Nowhere" in refused.value.error.message
    with pytest.raises(ODataError) as missing:
        await policy.content.get()
    assert missing.value.response_status_code == 404


async def test_a_policy_is_refused_for_as_long_as_a_key_is_missing(trust_framework):
    key = {"BasicAuthenticationUsername": "B2C_1A_SdkLater", "BasicAuthenticationPassword": "B2C_1A_SdkLater"}
    text = call("SdkKeys", "https://api.example/check", "Basic", keys=key).encode()
    policy = trust_framework.policies.by_trust_framework_policy_id("B2C_1A_SdkKeys")
    with pytest.raises(ODataError) as early:
        await policy.content.put(text)
    _, key_set = await made(trust_framework, "SdkLater")
    await key_set.upload_secret.post(UploadSecretPostRequestBody(use="sig", k="Canary-later"))
    stored = await policy.content.put(text)

    assert early.value.error.code == "AADB2C"
    assert (
        f'Tenant "{TENANT}" does not have CryptographicKey referenced by storageReferenceId "B2C_1A_SdkLater".'
        in early.value.error.message
    )
    assert stored == text == await policy.content.get()


# --- the starter pack ------------------------------------------------------------------------------

PACK = ("TrustFrameworkBase", "TrustFrameworkLocalization", "TrustFrameworkExtensions", "SignUpOrSignin")


@pytest.fixture
def empty(tmp_path):
    """A tenant that has nothing: what the pack needs comes over the API."""
    found = Folder(tmp_path / "tenant").write()
    found.up()
    yield found
    found.end_all()


async def give_keys(trust_framework):
    for name, use in (("TokenSigningKeyContainer", "sig"), ("TokenEncryptionKeyContainer", "enc")):
        _, key_set = await made(trust_framework, name)
        await key_set.generate_key.post(GenerateKeyPostRequestBody(use=use, kty="RSA"))
    _, key_set = await made(trust_framework, "FacebookSecret")
    await key_set.upload_secret.post(UploadSecretPostRequestBody(use="sig", k="Canary-facebook"))


@pytest.mark.corpus
async def test_the_starter_pack_is_uploaded_in_order_and_signs_people_up(empty, corpus, http):
    trust_framework = beta_client(hire(empty, *ALL_ROLES), http).trust_framework
    files = {name: (corpus / "starterpack/SocialAndLocalAccounts" / f"{name}.xml").read_bytes() for name in PACK}
    ids = {name: re.search(rb'\bPolicyId="([^"]+)"', content)[1].decode() for name, content in files.items()}
    by_id = trust_framework.policies.by_trust_framework_policy_id
    await give_keys(trust_framework)
    for name in PACK:
        await by_id(ids[name]).content.put(files[name])

    assert [each.id for each in (await trust_framework.policies.get()).value] == sorted(ids.values(), key=str.lower)
    assert await by_id(ids["SignUpOrSignin"]).content.get() == files["SignUpOrSignin"]
    claims = sign_up(empty, ids["SignUpOrSignin"])
    assert (claims["name"], claims["email"]) == ("Ada L.", MAIL)


def sign_up(folder, policy):
    """Sign somebody up on the pages of the pack; return the claims of the id_token."""
    browser = folder.started[-1].browser()
    assert until(lambda: browser.authorize(policy).status == 200, within_s=10)
    page = browser.follow(browser.authorize(policy), "unified", local="signup")
    code = {"request_type": "VERIFICATION_REQUEST", "claim_id": "email", "claim_value": MAIL}
    assert browser.submit(page, **code)["status"] == "200"
    newest = folder.run("mailbox", "--json").json[0]["code"]
    code |= {"request_type": "VALIDATION_REQUEST", "user_input": newest}
    assert browser.submit(page, **code)["status"] == "200"
    names = {"displayName": "Ada L.", "givenName": "Ada", "surName": "Lovelace"}
    secret = {"newPassword": "Canary-pack-1", "reenterPassword": "Canary-pack-1"}
    assert browser.submit(page, email=MAIL, **names, **secret) == {"status": "200"}
    tokens = browser.redeem_code(policy, browser.follow(page).answer["code"])
    return decoded(tokens.json["id_token"])
