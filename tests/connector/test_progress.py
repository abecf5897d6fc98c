from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from journeyman.connector.progress import Progress
from journeyman.trace.records import Phase, Phases


@dataclass
class HandClock:
    seconds: float = 0.0

    def now(self):
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic_s(self):
        return self.seconds


@pytest.fixture
def progress():
    made = Progress(HandClock(), 0.0)
    made.begin_try()
    return made


def test_a_cold_call_has_all_phases(progress):
    progress.turn_comes()
    progress.look_up_s, progress.found_s, progress.connect_s = 0.0, 0.25, 0.25
    progress.handshake_s, progress.secured_s, progress.answered_s, progress.read_s = 0.5, 1.0, 2.0, 2.5

    assert progress.phases() == Phases(None, 250.0, 250.0, 500.0, 1000.0, 500.0)


def test_a_warm_call_has_only_the_answer(progress):
    progress.turn_comes()
    progress.answered_s, progress.read_s = 1.0, 1.5

    assert progress.phases() == Phases(first_byte_ms=1000.0, read_ms=500.0)


def test_plain_http_has_no_handshake(progress):
    progress.turn_comes()
    progress.connect_s, progress.connected_s, progress.answered_s, progress.read_s = 0.0, 0.5, 1.0, 1.0

    assert progress.phases() == Phases(connect_ms=500.0, first_byte_ms=500.0, read_ms=0.0)


@pytest.mark.parametrize(
    ("moments", "phase", "took"),
    [
        ({"waits": True}, Phase.QUEUE, Phases(queue_ms=3000.0)),
        ({"look_up_s": 1.0}, Phase.DNS, Phases(dns_ms=2000.0)),
        ({"connect_s": 1.0}, Phase.CONNECT, Phases(connect_ms=2000.0)),
        ({"connect_s": 0.0, "handshake_s": 1.0}, Phase.TLS, Phases(connect_ms=1000.0, tls_ms=2000.0)),
        ({}, Phase.FIRST_BYTE, Phases(first_byte_ms=3000.0)),
        ({"answered_s": 2.0}, Phase.READ, Phases(first_byte_ms=2000.0, read_ms=1000.0)),
    ],
)
def test_the_phase_in_which_a_call_ended_counts_until_its_end(progress, moments, phase, took):
    progress.turn_comes()
    for name, moment in moments.items():
        setattr(progress, name, moment)
    progress.turn_s = None if progress.waits else 0.0
    progress.clock.seconds = 3.0

    assert (progress.phase(), progress.phases()) == (phase, took)


def test_a_call_that_never_began_has_no_phase():
    assert Progress(HandClock(), 0.0).phases() == Phases()


@pytest.mark.parametrize(
    ("moments", "text"),
    [
        ({"look_up_s": 0.0}, "looking up the name"),
        ({"connect_s": 0.0}, "connecting"),
        ({"connect_s": 0.0, "handshake_s": 0.5}, "in the TLS handshake"),
        ({}, "waiting for the answer"),
        ({"connect_s": 0.0, "connected_s": 0.5}, "waiting for the answer"),
        ({"answered_s": 0.5}, "reading the answer"),
    ],
)
def test_a_call_says_what_it_waits_for(progress, moments, text):
    progress.turn_comes()
    for name, moment in moments.items():
        setattr(progress, name, moment)

    assert progress.waiting_for() == text


def test_a_new_try_forgets_the_moments_of_the_last_and_the_total_goes_on(progress):
    progress.connect_s, progress.address, progress.clock.seconds = 0.0, "127.0.0.1", 3.0
    progress.begin_try()

    assert (progress.tries, progress.connect_s, progress.address, progress.begun_s) == (2, None, "", 3.0)
    assert progress.total_ms() == 3000.0


def test_a_try_waits_for_its_turn_first(progress):
    assert progress.waiting_for() == "waiting for its turn among the calls to this origin"
