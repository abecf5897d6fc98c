"""No secret leaves: canaries are driven through every failure path, then looked for everywhere."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Iterable

import pytest
from canary_api import ANSWERS
from canary_search import Canary, Sighting, forms, look


def told(sightings: Iterable[Sighting]) -> list[str]:
    return sorted({str(sighting) for sighting in sightings})


def test_the_drive_reached_every_kind_of_failure(evidence):
    verdicts = {
        entry["verdict"] for journey in evidence.traces for entry in journey["entries"] if entry["type"] == "call"
    }

    assert verdicts >= {
        "ok", "refused_by_api", "credential_refused", "http_error", "unparsable", "mapping", "credential_missing",
        "egress", "dns", "connect", "tls_server_certificate", "timeout", "too_large",
    }  # fmt: skip
    assert set(evidence.asked) == set(ANSWERS)


def test_the_log_and_the_commands_show_no_secret(evidence):
    places = {name: text for name, text in evidence.printed.items() if "trace" not in name}

    found = [one for name, text in places.items() for one in look([*evidence.canaries, *evidence.codes], name, text)]

    assert told(found) == []
    assert b"REST-Basic" in places["the log of development"]
    assert b"WrongKeys.xml" in places["the refusal of a release in production"]


def test_the_trace_shows_no_secret(evidence):
    found = [
        one
        for name, text in evidence.printed.items()
        if "trace" in name
        for one in look([*evidence.canaries, *evidence.codes], name, text)
    ]

    assert told(found) == []


def test_no_file_of_the_store_holds_a_secret(evidence):
    found = [one for name, data in evidence.files.items() for one in look(evidence.canaries, name, data)]

    assert told(found) == []
    assert "journeyman.db" in evidence.files
    assert "master.key" not in evidence.files


def test_an_e_mail_code_is_in_the_mailbox_alone(evidence):
    database = sqlite3.connect(evidence.folder / ".journeyman" / "journeyman.db")
    tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    rows = {name: repr(database.execute(f"SELECT * FROM {name}").fetchall()).encode() for name in tables}
    database.close()

    held = {name for name, text in rows.items() if look(evidence.codes, name, text)}

    assert held == {"mailbox"}


def test_what_browsers_got_holds_a_secret_only_where_it_belongs(evidence):
    found: list[Sighting] = []
    for exchange in evidence.exchanges:
        place = f"the answer to {exchange.line[:160]}"
        found += look(evidence.planted, place, bytes(exchange.answer))
        found += look(evidence.codes, place, bytes(exchange.answer))
        for canary, rightful in evidence.issued.items():
            found += look([canary], place, without(canary, rightful, exchange))

    assert told(found) == []
    assert any(exchange.line.startswith("GET /portal/journeys/") for exchange in evidence.exchanges)


def without(canary: Canary, rightful: str, exchange) -> bytes:
    """Return the answer without the canary where it belongs."""
    answer = bytes(exchange.answer)
    if canary.value not in answer:
        return answer
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    for name in (b"location", b"set-cookie"):
        if name.decode() in rightful:
            lines = [line.replace(canary.value, b"") if line.lower().startswith(name) else line for line in lines]
    if "page" in rightful and b'"csrf"' in body:
        body = body.replace(canary.value, b"")
    if "token" in rightful and exchange.line.endswith("/v2.0/token"):
        body = body.replace(canary.value, b"", 1)
    return b"\r\n".join([*lines, b"", body])


def test_what_an_application_is_told_of_a_failure_holds_no_secret(evidence):
    texts = {f"{mode}: {call}": text for mode, by_call in evidence.outcomes.items() for call, text in by_call.items()}
    texts |= {f"the answer of page {number}": answer.message for number, answer in enumerate(evidence.answers)}

    found = [one for name, text in texts.items() for one in look(evidence.canaries, name, text.encode())]

    assert told(found) == []
    assert texts["development: Basic 401"].startswith("AADB2C90027")
    assert texts["development: ApiKey without its key"].startswith("AADB2C90130")


SAMPLE = 'ab"<&> +/?>\\%üz-0123456789abcdef0123456789'


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("clear", SAMPLE),
        ("base64", base64.b64encode(f"user:{SAMPLE}".encode()).decode()),
        ("base64", base64.b64encode(SAMPLE.encode()).decode()),
        ("base64url", base64.urlsafe_b64encode(f"xy{SAMPLE}".encode()).decode()),
        ("hex", SAMPLE.encode().hex()),
        ("HEX", SAMPLE.encode().hex().upper()),
        ("URL-encoded", "ab%22%3C%26%3E%20%2B%2F%3F%3E%5C%25%C3%BCz-0123456789abcdef0123456789"),
        ("URL-encoded in lower case", "ab%22%3c%26%3e%20%2b%2f%3f%3e%5c%25%c3%bcz-0123456789abcdef0123456789"),
        ("JSON", json.dumps({"a": SAMPLE})),
        ("JSON in UTF-8", json.dumps({"a": SAMPLE}, ensure_ascii=False)),
        ("JSON in JSON", json.dumps(json.dumps({"a": SAMPLE}))),
        ("HTML", "ab&quot;&lt;&amp;&gt; +/?&gt;\\%üz-0123456789abcdef0123456789"),
        ("HTML by Jinja", "ab&#34;&lt;&amp;&gt; +/?&gt;\\%üz-0123456789abcdef0123456789"),
        ("first 24 bytes", 'ab"<&> +/?>\\%üz-01234567'),
        ("last 24 bytes", "89abcdef0123456789"[-24:].rjust(24, "7")),
    ],
)
def test_the_search_finds_a_planted_secret_in_each_form(tmp_path, form, written):
    path = tmp_path / "planted.log"
    path.write_text(f"before {written} behind", encoding="utf-8")
    planted = Canary("sample", (SAMPLE if form != "last 24 bytes" else f"{'0' * 20}{written}").encode())

    found = look([planted], path.name, path.read_bytes())

    assert form in {one.form.split(" at offset")[0] for one in found}
    assert {(one.canary, one.place) for one in found} == {("sample", "planted.log")}


def test_the_search_finds_the_pieces_of_a_private_key_in_pem():
    piece = bytes(range(100, 115))
    pem = base64.encodebytes(b"\x30\x82" + bytes(20) + piece + bytes(50))

    assert look([Canary("key", piece)], "file", pem)
    assert {name for name, _ in forms(piece)} >= {"clear", "base64 at offset 2", "hex"}


def test_a_short_code_is_found_as_a_word_of_its_own_only():
    code = Canary("code", b"123456", alone=True)

    assert look([code], "log", b"Your code is 123456.")
    assert not look([code], "log", b"at 12:00:01.123456 or 91234567")
