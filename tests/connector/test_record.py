from __future__ import annotations

import pytest

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import DataType
from journeyman.connector.errors import CredentialMissingError
from journeyman.connector.record import shown_paths


def test_what_may_be_shown_is_keyed_by_the_path_in_the_answer(claim):
    outputs = [claim("a", "contacts[0].email", sensitivity=Sensitivity.PERSONAL), claim("b", "plain")]

    assert shown_paths(outputs, json_paths=True) == {
        "contacts.0.email": Sensitivity.PERSONAL,
        "plain": Sensitivity.PLAIN,
    }
    assert "contacts[0].email" in shown_paths(outputs, json_paths=False)


def test_of_two_claims_with_one_name_the_stricter_decides(claim):
    outputs = [claim("a", "x", sensitivity=Sensitivity.SECRET), claim("b", "x")]

    assert shown_paths(outputs, json_paths=False) == {"x": Sensitivity.SECRET}


async def test_a_credential_reads_as_length_and_keyed_hash_and_changes_with_the_key(serve, profile_for, ring):
    api = await serve()
    ring.put("B2C_1A_Key", "first-key", "k1")
    profile = profile_for(f"{api.url}/a", AuthenticationType="ApiKeyHeader", keys={"x-api-key": "B2C_1A_Key"})
    await profile.run()
    await profile.run()
    ring.sets["B2C_1A_Key"].clear()
    ring.put("B2C_1A_Key", "second", "k2")
    await profile.run()

    first, again, rotated = (dict(record.exchange.request_headers)["x-api-key"] for record in profile.records)
    assert first == again
    assert first.startswith("(secret, 9 characters, #")
    assert rotated.startswith("(secret, 6 characters, #")
    assert profile.records[2].credential == ("B2C_1A_Key (kid k2)",)


@pytest.mark.parametrize(
    ("mode", "body"),
    [
        ("Body", '{"plain":"p","n":7,"mail":"a… (4 characters)","pw":"(secret, 6 characters, #'),
        ("Form", "plain=p&n=7&mail=a… (4 characters)&pw=(secret, 6 characters, #"),
    ],
)
async def test_a_body_shows_each_claim_as_its_sensitivity_allows(serve, profile_for, claim, mode, body):
    api = await serve()
    profile = profile_for(f"{api.url}/a", AuthenticationType="None", SendClaimsIn=mode)
    await profile.run(
        (claim("plain"), "p"),
        (claim("n", data_type=DataType.INT), 7),
        (claim("mail", sensitivity=Sensitivity.PERSONAL), "abcd"),
        (claim("pw", sensitivity=Sensitivity.SECRET), "hidden"),
    )

    assert profile.records[0].exchange.request_body.startswith(body)


async def test_a_payload_claim_is_shown_by_its_shape_only(serve, profile_for, claim):
    api = await serve()
    payload = claim("payload")
    profile = profile_for(
        f"{api.url}/a", AuthenticationType="None", ClaimUsedForRequestPayload="payload", inputs=(payload,)
    )
    await profile.run((payload, '{"to":"jo@example.com"}'))

    assert profile.records[0].exchange.request_body == '{"to": "(hidden, string, 14 characters)"}'


async def test_a_call_without_a_key_still_leaves_a_record(profile_for):
    profile = profile_for(
        "https://api.example.com/a?code=1", AuthenticationType="ApiKeyHeader", keys={"x-api-key": "B2C_1A_Key"}
    )
    with pytest.raises(CredentialMissingError, match="B2C_1A_Key"):
        await profile.run()

    record = profile.records[0]
    assert record.exchange.url == "https://api.example.com/a?code=(hidden, 1 characters)"
    assert (record.exchange.status, record.tries, record.host) == (None, 0, "api.example.com")


async def test_a_list_that_several_claims_share_is_shown_as_json(serve, profile_for, claim, answer):
    api = await serve(answer("200 OK", '{"list":["a"]}'))
    outputs = (claim("one", "list"), claim("many", "list", DataType.STRING_COLLECTION))
    profile = profile_for(f"{api.url}/a", outputs=outputs, AuthenticationType="None")
    await profile.run()

    assert set(profile.records[0].claims_in) == {"one", "many"}
