from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from journeyman.claims.claim_type import Sensitivity
from journeyman.claims.values import UserIdentity
from journeyman.secret import Secret
from journeyman.trace.redaction import Redactor, claim_text

PLAIN, PERSONAL, SECRET = Sensitivity.PLAIN, Sensitivity.PERSONAL, Sensitivity.SECRET
KEY = b"0123456789abcdef"
# printf 'correct horse' | openssl dgst -sha256 -hmac 0123456789abcdef | cut -c-12
HORSE = "(secret, 13 characters, #c3a01215d65c)"


@pytest.fixture
def redactor() -> Redactor:
    return Redactor(KEY)


def test_a_short_key_is_refused():
    with pytest.raises(ValueError, match="fewer than 16 bytes"):
        Redactor(b"short")


def test_a_secret_shows_its_length_and_a_keyed_hash(redactor):
    assert redactor.secret("correct horse") == HORSE
    assert redactor.secret(b"correct horse") == HORSE
    assert Secret("correct horse").fingerprint(KEY) in HORSE


def test_another_key_gives_another_hash(redactor):
    assert Redactor(b"another key of 16").secret("correct horse") != redactor.secret("correct horse")


def test_a_lone_surrogate_is_hashed_and_not_an_error(redactor):
    assert redactor.secret("\ud800").startswith("(secret, 1 characters, #")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("jane@contoso.com", "j…@c… (16 characters)"),
        ("Jane", "J… (4 characters)"),
        ("Jo", "… (2 characters)"),
        ("@contoso", "@… (8 characters)"),
        ("\n\n\n\n", r"\n… (4 characters)"),
        (True, "(hidden, boolean)"),
        (19800501, "1… (8 characters)"),
        (date(1980, 5, 1), "1… (10 characters)"),
        (("jane@contoso.com", "Jane"), "j…@c… (16 characters), J… (4 characters)"),
        (UserIdentity("facebook.com", "MTIz"), "f… (18 characters)"),
    ],
)
def test_a_personal_claim_is_masked(redactor, value, shown):
    assert redactor.claim(value, PERSONAL) == shown


def test_a_personal_claim_is_shown_when_asked_for_and_a_secret_one_is_not(redactor):
    assert redactor.claim("jane@contoso.com", PERSONAL, show_personal=True) == "jane@contoso.com"
    assert redactor.claim("correct horse", SECRET, show_personal=True) == HORSE


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("text", "text"),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (date(1980, 5, 1), "1980-05-01"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "2026-01-02T03:04:05Z"),
        (("a", "b"), "a, b"),
        (UserIdentity("facebook.com", "MTIz"), "facebook.com: MTIz"),
    ],
)
def test_a_plain_claim_is_shown_as_text(redactor, value, text):
    assert claim_text(value) == text
    assert redactor.claim(value, PLAIN) == text


def test_a_plain_claim_cannot_move_the_cursor(redactor):
    assert redactor.claim("a\x1b[2J", PLAIN) == r"a\x1b[2J"


def test_only_harmless_headers_show_their_value(redactor):
    shown = redactor.headers([("Content-Type", "application/json"), ("X-Functions-Key", "abc"), ("Cookie", "a=b")])

    assert shown == (
        ("Content-Type", "application/json"),
        ("X-Functions-Key", "(hidden, 3 characters)"),
        ("Cookie", "(hidden, 3 characters)"),
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("Bearer correct horse", f"Bearer {HORSE}"),
        ("basic correct horse", f"basic {HORSE}"),
        ("correct horse", HORSE),
    ],
)
def test_authorization_shows_only_a_known_scheme_and_the_secret_form(redactor, value, shown):
    assert redactor.headers([("Authorization", value)]) == (("Authorization", shown),)


def test_authorization_without_a_scheme_is_a_secret_as_a_whole(redactor):
    ((_, shown),) = redactor.headers([("authorization", "Bearer")])

    assert shown.startswith("(secret, 6 characters, #")


def test_a_harmless_header_that_carries_a_claim_is_hidden(redactor):
    assert redactor.headers([("User-Agent", "jane@contoso.com")], hidden={"user-agent"}) == (
        ("User-Agent", "(hidden, 16 characters)"),
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('Bearer error="invalid_token", error_description="x"', 'Bearer error="invalid_token" (hidden, 51 characters)'),
        ('Basic realm="api"', "Basic (hidden, 17 characters)"),
        ('Custom error="my_secret"', "(hidden, 24 characters)"),
    ],
)
def test_a_challenge_shows_its_scheme_and_a_registered_error(redactor, value, shown):
    assert redactor.headers([("WWW-Authenticate", value)]) == (("WWW-Authenticate", shown),)


def test_a_location_is_shown_as_a_masked_url(redactor):
    assert redactor.headers([("Location", "https://b.example/next?code=abc")]) == (
        ("Location", "https://b.example/next?code=(hidden, 3 characters)"),
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example/users", "https://api.example/users"),
        ("https://user:pass@API.example:8443/a", "https://api.example:8443/a"),
        ("https://[::1]:7071/a#frag", "https://[::1]:7071/a"),
        (
            "https://a.example/f?code=s%20cret&flag&c2VjcmV0",
            "https://a.example/f?code=(hidden, 6 characters)&(hidden, 4 characters)&(hidden, 8 characters)",
        ),
        ("https://a.example:99999/secret", "(hidden, 30 characters)"),
        ("https://[::1/secret", "(hidden, 19 characters)"),
        ("https://a.example/{objectId}", "https://a.example/{objectId}"),
    ],
)
def test_a_url_loses_userinfo_and_query_values(redactor, url, shown):
    assert redactor.url(url) == shown


def body(redactor, value, **names):
    return json.loads(redactor.json_body(json.dumps(value).encode(), names))


def test_members_are_redacted_by_their_sensitivity(redactor):
    shown = body(
        redactor,
        {"loyaltyId": "77", "mail": "jane@contoso.com", "password": "correct horse", "tier": 3, "vip": True},
        loyaltyId=PLAIN,
        mail=PERSONAL,
        password=SECRET,
        tier=PLAIN,
        vip=PERSONAL,
    )

    assert shown == {
        "loyaltyId": "77",
        "mail": "j…@c… (16 characters)",
        "password": HORSE,
        "tier": 3,
        "vip": "(hidden, boolean)",
    }


def test_unknown_members_show_name_type_and_length_only(redactor):
    shown = body(redactor, {"a": "text", "b": 12, "c": 1.5, "d": False, "e": None, "f": ["x", {"g": "y"}]})

    assert shown == {
        "a": "(hidden, string, 4 characters)",
        "b": "(hidden, number)",
        "c": "(hidden, number)",
        "d": "(hidden, boolean)",
        "e": None,
        "f": ["(hidden, string, 1 characters)", {"g": "(hidden, string, 1 characters)"}],
    }


def test_a_name_in_another_case_is_unknown(redactor):
    assert body(redactor, {"Tier": "gold"}, tier=PLAIN) == {"Tier": "(hidden, string, 4 characters)"}


def test_a_path_reaches_into_objects_and_arrays(redactor):
    value = {"user": {"tier": "gold", "ssn": "1"}, "list": [{"id": "7"}, {"id": "8"}]}

    assert body(redactor, value, **{"user.tier": PLAIN, "list.1.id": PLAIN}) == {
        "user": {"tier": "gold", "ssn": "(hidden, string, 1 characters)"},
        "list": [{"id": "(hidden, string, 1 characters)"}, {"id": "8"}],
    }


def test_a_plain_object_shows_only_members_that_are_known_themselves(redactor):
    shown = body(redactor, {"address": {"street": "Main St"}, "tags": ["a", ["b"], None]}, address=PLAIN, tags=PLAIN)

    assert shown == {"address": {"street": "(hidden, string, 7 characters)"}, "tags": ["a", ["b"], None]}


def test_a_personal_array_is_masked_element_by_element(redactor):
    assert body(redactor, {"mails": ["jane@contoso.com"]}, mails=PERSONAL) == {"mails": ["j…@c… (16 characters)"]}


def test_a_secret_of_any_type_is_hashed_whole(redactor):
    shown = body(
        redactor, {"a": {"b": "canary"}, "c": ["canary"], "d": 12345, "e": None}, **dict.fromkeys("acde", SECRET)
    )

    assert "canary" not in json.dumps(shown)
    assert shown["d"].startswith("(secret, 5 characters, #")
    assert shown["e"] is None


def test_personal_members_are_shown_when_asked_for(redactor):
    assert redactor.json_body('{"mail": "jane@contoso.com"}', {"mail": PERSONAL}, show_personal=True) == (
        '{"mail": "jane@contoso.com"}'
    )


@pytest.mark.parametrize("text", [b"", b"<html>", b'{"a":', b"\xff\xfe\x00", b"[" * 5000, b"9" * 5000])
def test_a_body_that_is_not_json_shows_its_length(redactor, text):
    assert redactor.json_body(text, {}) == f"(not JSON, {len(text)} bytes)"


def test_a_body_that_is_no_object_is_hidden(redactor):
    assert redactor.json_body(b'"canary"', {}) == '"(hidden, string, 6 characters)"'
    assert redactor.json_body(b'["canary"]', {"0": PLAIN}) == '["canary"]'
    assert redactor.json_body(b"[[1]]", {}) == '[["(hidden, number)"]]'


def test_a_long_body_is_not_parsed(redactor):
    assert redactor.json_body(b" " * 65537, {}) == "(JSON, 65537 bytes, too long to show)"
    assert redactor.form_body(b"a" * 65537, {}) == "(form, 65537 bytes, too long to show)"


def test_deep_and_wide_bodies_are_cut(redactor):
    deep: object = "canary"
    for _ in range(50):
        deep = {"a": deep}
    wide = [0] * 1000

    assert "(hidden, object, 1 members)" in json.dumps(body(redactor, deep))
    assert "(hidden, array, 1 elements)" in redactor.json_body("[" * 50 + "1" + "]" * 50, {})
    assert "(hidden, array, 1 elements)" in redactor.json_body("[" * 50 + "1" + "]" * 50, {"0": PLAIN})
    assert len(body(redactor, {"a": wide})["a"]) < 402
    assert body(redactor, {"a": wide}, a=PLAIN)["a"][-1] == "(more is not shown)"
    assert body(redactor, {str(n): n for n in range(1000)})["…"] == "(more is not shown)"


def test_a_secret_nested_too_deeply_to_be_written_is_not_shown(redactor):
    nested: object = "canary"
    for _ in range(100_000):
        nested = [nested]

    assert redactor.json_value({"a": nested}, {"a": SECRET}) == "(JSON, nested too deeply to show)"


def test_member_names_and_texts_cannot_move_the_cursor(redactor):
    shown = redactor.json_body(json.dumps({"a\x1b[2J": 1, "b": "x\ny"}), {"b": PLAIN})

    assert json.loads(shown) == {r"a\x1b[2J": "(hidden, number)", "b": r"x\ny"}


def test_a_form_is_redacted_by_the_names_of_its_fields(redactor):
    form = b"grant_type=client_credentials&client_secret=correct+horse&scope=a%2Fb&flag"

    assert redactor.form_body(form, {"grant_type": PLAIN, "client_secret": SECRET}) == (
        f"grant_type=client_credentials&client_secret={HORSE}&scope=(hidden, 3 characters)&(hidden, 4 characters)"
    )
    assert redactor.form_body("", {}) == ""


def test_another_body_shows_its_length(redactor):
    assert redactor.other_body(b"<html>") == "(not shown, 6 bytes)"
    assert redactor.other_body("") == ""


def test_a_kept_credential_is_shown_nowhere_not_even_cut_off(redactor):
    redactor.keep(frozenset({"Canary-12345678"}))

    assert redactor.claim("sent Canary-12345678", Sensitivity.PLAIN) == "sent (secret)"
    assert redactor.claim("x" * 1014 + "Canary-12345678", Sensitivity.PLAIN) == "x" * 1014 + "(secret)"
    assert redactor.url("https://api.example/Canary-12345678?Canary-12345678=1") == (
        "https://api.example/(secret)?(secret)=(hidden, 1 characters)"
    )
    assert redactor.headers([("Canary-12345678", "1"), ("Server", "Canary-12345678")]) == (
        ("(secret)", "(hidden, 1 characters)"),
        ("Server", "(secret)"),
    )
    assert redactor.json_value({"Canary-12345678": ["Canary-12345678"]}, {"Canary-12345678.0": Sensitivity.PLAIN}) == (
        '{"(secret)": ["(secret)"]}'
    )


def test_the_secrets_of_one_record_are_forgotten_after_it(redactor):
    redactor.keep(frozenset({"Canary-1"}))
    other = redactor.concealing(frozenset({"Canary-2"}))

    assert other.conceal("Canary-1 Canary-2") == "(secret) (secret)"
    assert redactor.conceal("Canary-1 Canary-2") == "(secret) Canary-2"
    assert other.secret("abcd") == redactor.secret("abcd")


def test_a_redactor_for_who_asks_for_it_shows_personal_values_and_never_secrets():
    shown = Redactor(KEY, show_personal=True).concealing(frozenset({"Canary-1"}))

    assert shown.claim("ada@contoso.example", Sensitivity.PERSONAL) == "ada@contoso.example"
    assert shown.claim("told Canary-1", Sensitivity.PERSONAL) == "told (secret)"
    assert shown.claim("Canary-1", Sensitivity.SECRET).startswith("(secret, 8 characters, #")
    assert shown.json_value({"mail": "ada@contoso.example", "other": "x"}, {"mail": Sensitivity.PERSONAL}) == (
        '{"mail": "ada@contoso.example", "other": "(hidden, string, 1 characters)"}'
    )
    assert shown.form_body("mail=ada%40contoso.example&x=1", {"mail": Sensitivity.PERSONAL}) == (
        "mail=ada@contoso.example&x=(hidden, 1 characters)"
    )
