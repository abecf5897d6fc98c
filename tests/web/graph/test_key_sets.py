"""Policy keys over the management API, on a real server."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import shutil
import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from journeyman.keys.certificate import self_signed
from journeyman.keys.creation import base64url_number

SETS = "/beta/trustFramework/keySets"
CANARY = "Canary-secret-of-a-policy-key"


PASSWORD = b"opens the file"


@pytest.fixture
async def site(deploy):
    """A tenant without policies: it starts sooner."""
    return await deploy(prepare=lambda folder: shutil.rmtree(folder / "policies"))


@pytest.fixture(scope="module")
def issued():
    """A self-signed certificate with its key."""
    return self_signed("CN=client.contoso.example", now=datetime.now(UTC))


@pytest.fixture(scope="module")
def pfx(issued):
    """The same as a PFX file in base64."""
    encryption = BestAvailableEncryption(PASSWORD)
    data = pkcs12.serialize_key_and_certificates(b"x", issued.private_key, issued.certificate, None, encryption)
    return base64.b64encode(data).decode()


def seconds(**later):
    return int((datetime.now(UTC) + timedelta(**later)).timestamp())


async def made(api, name="Rest", *, secret=CANARY, use="sig"):
    await api("POST", SETS, json={"id": name})
    return await api("POST", f"{SETS}/B2C_1A_{name}/uploadSecret", json={"use": use, "k": secret})


async def test_a_set_is_created_with_the_prefix_once(api):
    first = await api("POST", SETS, json={"id": "Rest"})
    second = await api("POST", SETS, json={"id": "B2C_1A_Other"})

    assert (first.status, first.json["id"], first.json["keys"]) == (201, "B2C_1A_Rest", [])
    assert first.headers["Location"].endswith("/beta/trustFramework/keySets('B2C_1A_Rest')")
    assert second.json["id"] == "B2C_1A_Other"


async def test_a_set_of_one_name_is_made_once(api, problem):
    await api("POST", SETS, json={"id": "Rest"})

    again = await api("POST", SETS, json={"id": "b2c_1a_REST"})

    assert (again.status, problem(again)["code"]) == (409, "AADB2C95028")
    assert "already exists" in problem(again)["message"]


async def test_a_missing_set_is_400_to_read_and_says_to_create_it_to_an_upload(api, problem):
    read = await api("GET", f"{SETS}/B2C_1A_Gone")
    upload = await api("POST", f"{SETS}/B2C_1A_Gone/uploadSecret", json={"use": "sig", "k": "x"})
    generate = await api("POST", f"{SETS}/B2C_1A_Gone/generateKey", json={"use": "sig", "kty": "RSA"})
    deleted = await api("DELETE", f"{SETS}/B2C_1A_Gone")

    assert (read.status, problem(read)["code"]) == (400, "AADB2C90073")
    assert (upload.status, problem(upload)["code"]) == (400, "AADB2C95052")
    assert (generate.status, problem(generate)["code"]) == (400, "AADB2C95052")
    assert (deleted.status, problem(deleted)["code"]) == (400, "AADB2C90073")


async def test_a_secret_counts_at_once_and_never_comes_back(api, site):
    uploaded = await made(api)
    answers = [
        uploaded,
        await api("GET", SETS),
        await api("GET", f"{SETS}/B2C_1A_Rest"),
        await api("GET", f"{SETS}('B2C_1A_Rest')/getActiveKey()"),
        await api("GET", f"{SETS}/B2C_1A_Rest/getActiveKey"),
        await api("GET", f"{SETS}/B2C_1A_Rest/keys_v2"),
    ]

    assert (uploaded.status, uploaded.json["kty"], uploaded.json["use"]) == (200, "oct", "sig")
    assert site.engine.keys.active("B2C_1A_Rest").secret.reveal() == CANARY
    assert all(answer.status == 200 for answer in answers)
    assert not any(CANARY.encode() in answer.body or b'"k"' in answer.body for answer in answers)


async def test_keys_are_generated_of_both_types_in_any_case(api, site):
    await api("POST", SETS, json={"id": "Signing"})
    await api("POST", SETS, json={"id": "Secret"})
    dates = {"nbf": seconds(), "exp": seconds(days=30)}

    rsa = await api("POST", f"{SETS}/B2C_1A_Signing/generateKey", json={"use": "sig", "kty": "rsa", **dates})
    octets = await api("POST", f"{SETS}/B2C_1A_Secret/generateKey", data=b'{"use": "enc", "kty": "oct",}')

    assert (rsa.json["kty"], rsa.json["nbf"], rsa.json["exp"]) == ("RSA", dates["nbf"], dates["exp"])
    assert len(base64.urlsafe_b64decode(rsa.json["n"] + "==")) == 256
    assert not set(rsa.json) & {"d", "p", "q", "dp", "dq", "qi", "k"}
    assert (octets.status, octets.json["kty"], octets.json["use"]) == (200, "oct", "enc")
    assert site.engine.keys.active("B2C_1A_Signing").private_key is not None


UNMADE = [
    ({"use": "sig"}, "AADB2C95030"),
    ({"use": "sig", "kty": "EC"}, "AADB2C95031"),
    ({"kty": "RSA"}, "AADB2C95033"),
    ({"kty": "RSA", "use": "both"}, "AADB2C95033"),
    ({"kty": "oct", "use": "sig", "exp": 1_000_000}, "AADB2C90214"),
    ({"kty": "oct", "use": "sig", "exp": "soon"}, "BadRequest"),
    ({"kty": "oct", "use": "sig", "nbf": 10**18}, "BadRequest"),
    ({"kty": "oct", "use": "sig", "nbf": 4_000_000_000, "exp": 3_999_999_999}, "BadRequest"),
    (["kty"], "BadRequest"),
]


async def test_a_key_that_cannot_be_generated_is_refused_with_its_code(api, problem):
    await api("POST", SETS, json={"id": "Rest"})

    for body, code in UNMADE:
        reply = await api("POST", f"{SETS}/B2C_1A_Rest/generateKey", json=body)

        assert (body, reply.status, problem(reply)["code"]) == (body, 400, code)


JWKS = [
    ([{"kty": "oct", "k": "c2VjcmV0", "kid": "mine"}], "AADB2C95059"),
    ([{"kty": "oct", "k": "not base64url!"}], "AADB2C95029"),
    ([{"k": "c2VjcmV0"}], "AADB2C95030"),
    ([{"kty": "EC"}], "AADB2C95031"),
    ([{"kty": "oct", "k": "c2VjcmV0", "use": "both"}], "AADB2C95033"),
    ([{"kty": "RSA", "e": "AQAB"}], "AADB2C95039"),
    ([{"kty": "oct", "k": "YQ", "use": "sig"}, {"kty": "oct", "k": "Yg", "use": "enc"}], "AADB2C95042"),
    (["c2VjcmV0"], "BadRequest"),
]


async def test_a_set_with_a_bad_key_is_refused_with_its_code_and_not_made(api, problem):
    for keys, code in JWKS:
        reply = await api("POST", SETS, json={"id": "Rest", "keys": keys})

        assert (keys, reply.status, problem(reply)["code"]) == (keys, 400, code)
    assert (await api("GET", f"{SETS}/B2C_1A_Rest")).status == 400


async def test_a_set_is_created_with_keys_and_replaced_whole(api, site):
    one, two = ({"kty": "oct", "k": base64.urlsafe_b64encode(text).decode()} for text in (b"first", b"second"))
    first = await api("POST", SETS, json={"id": "Rest", "keys": [one]})
    for method in ("PUT", "PATCH"):
        reply = await api(method, f"{SETS}/B2C_1A_Rest", json={"id": "B2C_1A_Rest", "keys": [two]})

        assert (reply.status, len(reply.json["keys"])) == (200, 1)
        assert reply.json["keys"][0]["kid"] != first.json["keys"][0]["kid"]
    assert site.engine.keys.active("B2C_1A_Rest").secret.reveal_bytes() == b"second"


async def test_a_key_that_stays_in_a_replacement_is_still_there(api, site):
    key = generate_private_key(public_exponent=65537, key_size=2048).private_numbers()
    numbers = {"n": key.public_numbers.n, "e": key.public_numbers.e, "d": key.d}
    jwk = {"kty": "RSA", "use": "sig", **{name: base64url_number(value) for name, value in numbers.items()}}
    await api("POST", SETS, json={"id": "Rest"})
    await api("POST", f"{SETS}/B2C_1A_Rest/generateKey", json={"use": "sig", "kty": "RSA"})
    first = await api("PUT", f"{SETS}/B2C_1A_Rest", json={"keys": [jwk]})
    again = await api("PUT", f"{SETS}/B2C_1A_Rest", json={"keys": [{**jwk, "exp": seconds(days=30)}]})

    assert (first.status, again.status) == (200, 200)
    assert [one["kid"] for one in again.json["keys"]] == [one["kid"] for one in first.json["keys"]]
    await site.engine.keys.load()
    assert site.engine.keys.active("B2C_1A_Rest").expires_at is not None


async def test_a_replacement_of_an_older_version_is_refused(api, problem):
    read = await api("POST", SETS, json={"id": "Rest"})
    await made(api)

    late = await api("PUT", f"{SETS}/B2C_1A_Rest", json={"keys": []}, headers={"If-Match": read.headers["ETag"]})

    assert late.status == 412
    assert len((await api("GET", f"{SETS}/B2C_1A_Rest")).json["keys"]) == 1


async def test_a_deleted_set_leaves_a_copy_and_deleting_that_is_final(api):
    await made(api)

    first = await api("DELETE", f"{SETS}/B2C_1A_Rest")
    copy = await api("GET", f"{SETS}/B2C_1A_Rest.bak")
    active = await api("GET", f"{SETS}/B2C_1A_Rest.bak/getActiveKey")
    second = await api("DELETE", f"{SETS}/B2C_1A_Rest.bak")

    assert (first.status, copy.status, active.status, second.status) == (204, 200, 400, 204)
    assert (await api("GET", f"{SETS}/B2C_1A_Rest.bak")).status == 400


async def test_two_uses_and_two_types_do_not_mix(api, problem):
    await made(api, use="sig")

    use = await api("POST", f"{SETS}/B2C_1A_Rest/uploadSecret", json={"use": "enc", "k": "another"})
    kty = await api("POST", f"{SETS}/B2C_1A_Rest/generateKey", json={"use": "sig", "kty": "RSA"})

    assert (problem(use)["code"], problem(kty)["code"]) == ("AADB2C95042", "AADB2C95032")


async def test_the_active_key_of_a_set_without_any_is_an_error(api, problem):
    await api("POST", SETS, json={"id": "Rest"})

    reply = await api("GET", f"{SETS}/B2C_1A_Rest/getActiveKey")

    assert (reply.status, problem(reply)["code"]) == (400, "AADB2C90019")


async def test_one_key_is_read_by_its_kid(api, problem):
    kid = (await made(api)).json["kid"]

    found = await api("GET", f"{SETS}/B2C_1A_Rest/keys_v2/{kid}")
    missing = await api("GET", f"{SETS}/B2C_1A_Rest/keys_v2/nothing")

    assert (found.status, found.json["kid"], missing.status) == (200, kid, 404)


RESERVED = (
    "B2C_1A_JourneymanPlatformSigning",
    "JourneymanPlatformSigning",
    "b2c_1a_apiconnector-1234-password",
    "B2C_1A_IdentityProvider-Google-secret",
    "B2C_1A_ApiConnector-1234-password.bak",
)


async def test_keys_of_the_engine_and_of_connectors_are_not_there(api, site, problem):
    await site.engine.key_store.create("B2C_1A_ApiConnector-1234-password")
    before = await site.engine.key_store.version()

    for name in RESERVED:
        for method, path, body in (
            ("GET", name, None),
            ("GET", f"{name}/getActiveKey", None),
            ("GET", f"{name}/keys_v2", None),
            ("PUT", name, {"keys": []}),
            ("DELETE", name, None),
            ("POST", f"{name}/generateKey", {"use": "sig", "kty": "RSA"}),
            ("POST", f"{name}/uploadSecret", {"use": "sig", "k": "mine"}),
        ):
            assert (name, path, (await api(method, f"{SETS}/{path}", json=body)).status) == (name, path, 400)
        assert (await api("POST", SETS, json={"id": name})).status == 400
    assert await site.engine.key_store.version() == before
    assert not any(
        "onnector" in one["id"] or "ourneyman" in one["id"] for one in (await api("GET", SETS)).json["value"]
    )


async def test_a_pfx_file_gives_key_and_certificate(api, site, issued, pfx, problem):
    await api("POST", SETS, json={"id": "Rest"})
    path, der = f"{SETS}/B2C_1A_Rest/uploadPkcs12", issued.certificate.public_bytes(Encoding.DER)

    wrong = await api("POST", path, json={"key": pfx, "password": "wrong"})
    reply = await api("POST", path, json={"key": pfx, "password": PASSWORD.decode()})
    again = await api("POST", path, json={"key": pfx, "password": PASSWORD.decode()})

    assert (problem(wrong)["code"], problem(again)["code"]) == ("AADB2C90213", "AADB2C90180")
    assert problem(wrong)["message"] == "The certificate password provided in request is incorrect."
    assert (reply.status, reply.json["kty"], reply.json["use"]) == (200, "RSA", "sig")
    assert reply.json["x5c"] == [base64.b64encode(der).decode()]
    assert base64.urlsafe_b64decode(reply.json["x5t"] + "=") == issued.certificate.fingerprint(SHA1())
    assert reply.json["exp"] == int(issued.certificate.not_valid_after_utc.timestamp())
    assert site.engine.keys.active("B2C_1A_Rest").private_key is not None


async def test_a_certificate_gives_no_private_key(api, site, issued):
    await api("POST", SETS, json={"id": "Rest"})
    der = base64.b64encode(issued.certificate.public_bytes(Encoding.DER)).decode()

    reply = await api("POST", f"{SETS}/B2C_1A_Rest/uploadCertificate", json={"key": der})

    assert (reply.status, reply.json["kty"], reply.json["x5c"]) == (200, "RSA", [der])
    assert site.engine.keys.active("B2C_1A_Rest").private_key is None


async def test_what_is_no_certificate_is_refused(api, problem):
    await api("POST", SETS, json={"id": "Rest"})
    for path in ("uploadCertificate", "uploadPkcs12"):
        for key in ("not base64!", "c2VjcmV0", base64.b64encode(bytes(1000)).decode()):
            reply = await api("POST", f"{SETS}/B2C_1A_Rest/{path}", json={"key": key, "password": ""})

            assert (path, reply.status, problem(reply)["code"]) == (path, 400, "AADB2C90179")


async def test_a_member_that_is_missing_is_named(api, problem):
    await api("POST", SETS, json={"id": "Rest"})
    cases = {"": ("id", {}), "/B2C_1A_Rest/uploadSecret": ("k", {"use": "sig"})}
    cases |= {"/B2C_1A_Rest/uploadPkcs12": ("key", {"password": ""}), "/B2C_1A_Rest/uploadCertificate": ("key", {})}

    for path, (member, body) in cases.items():
        reply = await api("POST", f"{SETS}{path}", json=body)

        assert (path, reply.status, problem(reply)["target"]) == (path, 400, member)


async def test_a_name_that_is_none_is_refused(api, problem):
    for name in ("", "a b", "x" * 65, "B2C_1A_", "../../etc", "Rest'", "Rest;DROP", "é"):
        reply = await api("POST", SETS, json={"id": name})

        assert (name, reply.status, problem(reply)["code"]) == (name, 400, "BadRequest")


async def test_a_pfx_file_of_20_mb_is_413_within_five_seconds(api, problem):
    await api("POST", SETS, json={"id": "Rest"})
    body = json.dumps({"key": base64.b64encode(bytes(20 * 1024 * 1024)).decode(), "password": ""}).encode()
    started = time.monotonic()

    reply = await api("POST", f"{SETS}/B2C_1A_Rest/uploadPkcs12", data=io.BytesIO(body))

    assert (reply.status, time.monotonic() - started < 5) == (413, True)


async def test_secrets_uploaded_at_once_are_all_kept(api):
    await api("POST", SETS, json={"id": "Rest"})

    replies = await asyncio.gather(
        *(
            api("POST", f"{SETS}/B2C_1A_Rest/uploadSecret", json={"use": "sig", "k": f"secret {number}"})
            for number in range(10)
        )
    )

    assert [reply.status for reply in replies] == [200] * 10
    assert len((await api("GET", f"{SETS}/B2C_1A_Rest")).json["keys"]) == 10


async def test_reading_and_writing_need_their_roles(employ):
    reader, stranger = await employ("TrustFrameworkKeySet.Read.All"), await employ("Policy.ReadWrite.TrustFramework")

    assert (await reader("GET", SETS)).status == 200
    assert (await reader("POST", SETS, json={"id": "Rest"})).status == 403
    assert (await reader("DELETE", f"{SETS}/B2C_1A_Nothing")).status == 403
    assert (await stranger("GET", f"{SETS}/B2C_1A_Nothing")).status == 403
