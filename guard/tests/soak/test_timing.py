"""The time of a refusal tells nothing of the secret: a good prefix and a bad one, by Welch's t-test (as dudect does it)."""

from __future__ import annotations

import base64
import gc
import os
import statistics
import time
from random import Random  # noqa: TID251  # the order must be drawn, not secret

import pytest

from journeyman_guard import ApiKeyCheck, BasicCheck, BearerCheck, GuardRequest, Refused, hashed_credential
from journeyman_guard.blocking import run_at_once

SAMPLES = 100_000 if os.environ.get("JOURNEYMAN_SOAK") else 4_000
# dudect speaks of a leak from 4.5 on, and of a certain one from 10 on.
SIGNAL = 4.5
SECRET = "".join(chr(65 + number % 26) for number in range(64))
GOOD_PREFIX, BAD_PREFIX = SECRET[:-1] + "0", "0" + SECRET[1:]


def welch(first, second):
    """Return t of two samples whose slowest tenth, which is the noise of the machine, is left out."""
    first, second = (sorted(sample)[: len(sample) * 9 // 10] for sample in (first, second))
    spread = statistics.variance(first) / len(first) + statistics.variance(second) / len(second)
    return (statistics.fmean(first) - statistics.fmean(second)) / spread**0.5


def measured(decide, make, good, bad):
    """Return t of good prefix against bad prefix, in drawn order.

    Every value is made anew: where an object lies in memory is worth a nanosecond or two, and two objects that live
    through the whole measurement would show that in place of a leak.
    """
    samples = {True: [], False: []}
    draw = Random(7)  # no secret is made of it
    gc.disable()
    try:
        for _ in range(SAMPLES * 2):
            which = draw.random() < 0.5
            value = make(good if which else bad)
            started = time.perf_counter_ns()
            decide(value)
            samples[which].append(time.perf_counter_ns() - started)
    finally:
        gc.enable()
    return welch(samples[True], samples[False])


def refused_by(check):
    def decide(request):
        try:
            run_at_once(check.check(request))
        except Refused:
            return
        raise AssertionError("a wrong secret got in")

    return decide


def request_maker(name):
    return lambda value: GuardRequest("GET", "/", ((name, bytes(bytearray(value))),))


def basic(user, password):
    return b"Basic " + base64.b64encode(f"{user}:{password}".encode())


CASES = {
    "api key": (
        ApiKeyCheck("x-key", (hashed_credential("k", SECRET),)),
        b"x-key",
        GOOD_PREFIX.encode(),
        BAD_PREFIX.encode(),
    ),
    "bearer": (
        BearerCheck((hashed_credential("k", SECRET),)),
        b"authorization",
        f"Bearer {GOOD_PREFIX}".encode(),
        f"Bearer {BAD_PREFIX}".encode(),
    ),
    "basic password": (
        BasicCheck((hashed_credential("user", SECRET),)),
        b"authorization",
        basic("user", GOOD_PREFIX),
        basic("user", BAD_PREFIX),
    ),
    "basic user": (
        BasicCheck((hashed_credential("user", SECRET),)),
        b"authorization",
        basic("user", BAD_PREFIX),
        basic("resu", BAD_PREFIX),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_good_prefix_takes_as_long_as_a_bad_one(name):
    check, header, good, bad = CASES[name]
    decide = refused_by(check)
    # A leak shows every time; noise of the machine does not.
    values = []
    while len(values) < 4 and (not values or abs(values[-1]) >= SIGNAL):
        values.append(measured(decide, request_maker(header), good, bad))

    assert abs(values[-1]) < SIGNAL, values


@pytest.mark.slow
def test_the_method_finds_a_comparison_that_stops_early():
    def naive(value):
        for ours, theirs in zip(SECRET, value, strict=True):
            if ours != theirs:
                return

    assert measured(naive, str, GOOD_PREFIX, BAD_PREFIX) > 10
