from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from starlette.requests import Request

from journeyman.keys.certificate import self_signed
from journeyman.secret import Secret
from journeyman.web.portal.form import FormUnreadableError, read_form
from journeyman.web.portal.key_form import Entered, FormError, Way, entered_of, key_id, new_keys

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
TYPE = "multipart/form-data; boundary=x"


def body(*parts):
    head = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n' for name, more, value in parts
    )
    return f"{head}--x--\r\n".encode()


def read(content, content_type=TYPE):
    async def receive():
        return {"type": "http.request", "body": content, "more_body": False}

    headers = [(b"content-type", content_type.encode())]
    return entered_of(asyncio.run(read_form(Request({"type": "http", "headers": headers}, receive))))


def wrong(entered, use=None):
    with pytest.raises(FormError) as caught:
        new_keys(entered, use, NOW)
    return caught.value.field, str(caught.value)


def test_every_field_is_read_and_a_secret_keeps_its_spaces():
    entered = read(
        body(
            ("way", "", "manual"),
            ("name", "", " Rest "),
            ("secret", "", " s3cret  "),
            ("use", "", "enc"),
            ("activate", "", "2027-01-01T00:00"),
            ("add", "", "yes"),
            ("csrf", "", "token"),
        )
    )

    assert (entered.way, entered.name, entered.use, entered.add) == (Way.MANUAL, "Rest", "enc", True)
    assert entered.secret == Secret(" s3cret  ")
    assert "s3cret" not in repr(entered)


def test_a_file_is_read_byte_for_byte():
    binary = bytes(range(256))
    content = body(("way", "", "upload"), ("file", '; filename="a.pfx"', "?")).replace(b"?", binary)
    entered = read(content)

    assert (entered.file_name, entered.content) == ("a.pfx", binary)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"way=manual", "text/plain"),
        (b"", TYPE),
        (b"--x", TYPE),
        (body(("name", "", "a")), TYPE),
        (body(("way", "", "steal")), TYPE),
        (body(*((f"f{number}", "", "") for number in range(501)), ("way", "", "manual")), TYPE),
        (b"\xff" * 100, "multipart/form-data"),
    ],
)
def test_what_is_no_form_is_refused(content, content_type):
    with pytest.raises((FormError, FormUnreadableError), match="open the page again"):
        read(content, content_type)


def test_a_secret_is_stored_as_it_was_typed_with_its_dates():
    dated = Entered(secret=Secret("x"), use="enc", activate="2027-01-01T00:00", expire="2027-02-01T00:00+01:00")
    (key,) = new_keys(dated, None, NOW)

    assert (key.secret, key.use) == (Secret("x"), "enc")
    assert key.not_before == datetime(2027, 1, 1, tzinfo=UTC)
    assert key.expires_at == datetime(2027, 1, 31, 23, 0, tzinfo=UTC)


def test_a_version_of_a_key_that_exists_takes_its_use():
    assert new_keys(Entered(secret=Secret("x"), use="sig"), "enc", NOW)[0].use == "enc"


def test_random_keys_are_made():
    (secret,) = new_keys(Entered(Way.GENERATE, type="secret"), None, NOW)
    (pair,) = new_keys(Entered(Way.GENERATE, type="rsa"), None, NOW)

    assert (len(secret.secret), pair.kty) == (43, "RSA")


def test_a_pfx_is_taken_with_its_password():
    made = self_signed("api", now=NOW)
    entered = Entered(Way.UPLOAD, file_name="a.pfx", content=made.pfx(Secret("pw")), password=Secret("pw"))

    assert new_keys(entered, None, NOW)[0].certificates == (made.certificate,)
    field, text = wrong(Entered(Way.UPLOAD, file_name="a.pfx", content=made.pfx(Secret("pw"))))
    assert (field, text[:11], text.endswith("leave it empty when it has none")) == ("password", "AADB2C90213", True)


@pytest.mark.parametrize(
    ("entered", "field", "text"),
    [
        (Entered(), "secret", "the secret is missing"),
        (Entered(secret=Secret("x" * 65537)), "secret", "at most 65536 bytes"),
        (Entered(secret=Secret("x"), use="both"), "use", "Signature or Encryption"),
        (Entered(secret=Secret("x"), expire="2020-01-01"), "expire", "AADB2C90214"),
        (Entered(secret=Secret("x"), expire="soon"), "expire", "'soon' is not a time; write one like"),
        (Entered(Way.GENERATE, type="dsa"), "type", "RSA or Secret"),
        (Entered(Way.GENERATE, expire="2020-01-01"), "expire", "AADB2C90214"),
        (Entered(Way.UPLOAD), "file", "the file is missing: choose a .pfx"),
        (Entered(Way.UPLOAD, file_name="a.pfx", content=b"x"), "file", "AADB2C90179: this is not a PFX file"),
        (Entered(Way.UPLOAD, file_name="a.txt", content=b"x"), "file", "the name ends in none of"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_do(entered, field, text):
    found = wrong(entered)

    assert found[0] == field
    assert text in found[1]


def test_a_name_is_needed_and_gets_its_prefix():
    assert key_id(Entered(name="Rest")) == "B2C_1A_Rest"
    with pytest.raises(FormError, match="a name is missing"):
        key_id(Entered())
    with pytest.raises(FormError, match="is not a name for a policy key"):
        key_id(Entered(name="a b"))
