from __future__ import annotations

from types import SimpleNamespace

from journeyman.claims.claim_type import Sensitivity
from journeyman.journey.concealment import concealed, concealed_record, secret_texts, tainted_claims, unheld_secrets
from journeyman.trace.records import CallRecord, Exchange, StepRecord, Verdict

POLICY = SimpleNamespace(sensitivity=lambda name: Sensitivity.SECRET if "pass" in name else Sensitivity.PLAIN)


def call(verdict):
    exchange = Exchange("POST", "https://api.example/", response_body='{"userMessage": "You sent quo\\"te-1."}')
    return CallRecord("REST", "step", "None", "api.example", verdict, 1, 1.0, exchange, detail='You sent quo"te-1.')


def test_secret_claims_are_looked_for_and_short_ones_are_not():
    claims = {"password": "Canary-1", "passcode": "abc", "name": "Ada Lovelace"}

    assert secret_texts(POLICY, claims) == {"Canary-1"}


def test_a_secret_that_holds_another_goes_whole():
    assert concealed("It was Canary-12.", frozenset({"Canary-1", "Canary-12"})) == "It was (secret)."


def test_the_message_of_a_refused_call_is_shown_without_secrets_also_as_json_writes_them():
    record = concealed_record(call(Verdict.REFUSED_BY_API), POLICY, {"password": 'quo"te-1'})

    assert record.exchange.response_body == '{"userMessage": "You sent (secret)."}'
    assert record.detail == "You sent (secret)."


def test_other_records_stay_as_they_are():
    answered, step = call(Verdict.OK), StepRecord("profile")

    assert concealed_record(answered, POLICY, {"password": 'quo"te-1'}) is answered
    assert concealed_record(step, POLICY, {"password": "x"}) is step


def test_a_claim_that_holds_a_secret_is_tainted_and_stays_so_without_the_secret():
    claims = {"password": "Canary-1", "note": "You sent Canary-1.", "tier": "gold"}

    tainted = tainted_claims(POLICY, claims, [])
    later = {"note": "You sent Canary-1.", "copy": "told: You sent Canary-1."}

    assert tainted == ["note"]
    assert tainted_claims(POLICY, later, tainted) == ["note", "copy"]
    assert secret_texts(POLICY, {"note": "abcd"}, tainted) == {"abcd"}


def test_a_short_secret_taints_no_claim():
    assert tainted_claims(POLICY, {"passcode": "1234567", "phone": "+1234567890"}, []) == []


def mapping(name: str) -> SimpleNamespace:
    return SimpleNamespace(claim=SimpleNamespace(id=name, sensitivity=POLICY.sensitivity(name)))


def test_a_secret_that_was_sent_and_is_no_claim_of_the_journey_is_known_too():
    inputs = [(mapping("password"), "held"), (mapping("passcode"), "a default"), (mapping("tier"), "gold")]

    assert list(unheld_secrets(inputs, {"password": "held"})) == ["a default"]


def test_a_claim_that_holds_a_secret_which_was_only_sent_is_tainted():
    assert tainted_claims(POLICY, {"note": "You sent a default."}, [], ["a default"]) == ["note"]
