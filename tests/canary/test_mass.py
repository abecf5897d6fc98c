"""No secret leaves, by numbers: hundreds of random canaries in every run, ten thousand in the long form."""

from __future__ import annotations

import base64
import json
import os
import sqlite3
from urllib.parse import quote

import pytest
from canary_api import ANSWERS
from canary_flock import SPECIAL, Flock

SOAK = os.environ.get("JOURNEYMAN_SOAK") == "1"
WANTED = 10_000 if SOAK else 450

pytestmark = pytest.mark.slow


def test_as_many_canaries_were_planted_as_promised_and_the_api_really_got_them(mass):
    assert len(mass.flock.values) >= WANTED
    assert len(set(mass.flock.values)) == len(mass.flock.values)
    assert mass.received
    assert set(mass.received) <= set(mass.flock.values)


def test_every_answer_of_the_api_was_met_and_most_verdicts(mass):
    assert {outcome.split()[1] for outcome in mass.outcomes} == set(ANSWERS)
    assert mass.verdicts >= {
        "ok", "refused_by_api", "credential_refused", "http_error", "unparsable", "connect", "timeout", "too_large"
    }  # fmt: skip


def test_no_canary_is_in_the_log_the_spans_or_what_commands_print(mass):
    found = [line for name, data in mass.printed.items() for line in mass.flock.seen(name, data)]

    assert found == []
    assert b'"journeyman.verdict"' in mass.printed["the log with its spans"]


def test_no_canary_is_in_the_metrics(mass):
    assert mass.flock.seen("metrics", mass.metrics.encode()) == []
    assert 'journeyman_rest_calls_total{origin="https://api.canary.example",profile="REST-Mass"' in mass.metrics


def test_no_canary_is_in_a_file_of_the_store_or_in_its_dump(mass, tmp_path):
    found = [line for name, data in mass.files.items() for line in mass.flock.seen(name, data)]
    (tmp_path / "copy.db").write_bytes(mass.files["journeyman.db"])
    database = sqlite3.connect(tmp_path / "copy.db")
    dump = "\n".join(database.iterdump()).encode("utf-8", "surrogateescape")
    database.close()

    assert found + mass.flock.seen("dump", dump) == []
    assert b"REST-Mass" in dump


def test_no_canary_comes_back_to_a_browser_or_an_application(mass):
    found = [line for one in mass.exchanges for line in mass.flock.seen(one.line[:80], bytes(one.answer))]
    found += [line for call, text in mass.outcomes.items() for line in mass.flock.seen(call, text.encode())]

    assert found == []
    assert any(text.startswith("tokens 200") for text in mass.outcomes.values())


@pytest.mark.parametrize(
    "write",
    [
        str,
        json.dumps,
        quote,
        lambda text: text[7:21],
        lambda text: text.upper(),
        lambda text: text.encode("utf-16-le").decode("latin-1"),
        lambda text: base64.b64encode(f"x{text}".encode()).decode(),
        lambda text: base64.urlsafe_b64encode(base64.b64encode(f"ab{text}".encode())).decode(),
        lambda text: text.encode().hex(),
        lambda text: base64.b64encode(json.dumps({"a": text}).encode()).decode().rstrip("="),
    ],
)
def test_the_search_finds_a_canary_in_each_form(write):
    flock = Flock()
    canary = [flock.hatch() for _ in range(100)][42]

    (line,) = flock.seen("place", b"before " + write(canary).encode("latin-1", "replace") + b" behind")

    assert line.startswith("canary 42, ")


def test_the_search_finds_nothing_where_nothing_is():
    flock = Flock()
    flock.hatch()

    assert (
        flock.seen("place", base64.b64encode(bytes(range(256)) * 20) + f"{'0123456789ab' * 9}{SPECIAL}".encode()) == []
    )
