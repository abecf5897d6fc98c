from __future__ import annotations

import pytest

from journeyman.settings import ProfileSettings

PIN = "sha256/47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_every_setting_of_a_profile(load, tmp_path):
    (tmp_path / "ca.pem").write_text("")
    text = (
        '[profiles."REST-A"]\ntimeout_s = 2\nretries = 3\ntotal_timeout_s = 5\nresponse_limit_bytes = 7\n'
        f'trust = ["ca.pem"]\npins = ["SHA256/{PIN[7:]}"]\nidempotency_key = true\ntraceparent = true\n'
        "send_bearer_claim = true\ncache_token = true\n"
    )

    assert load(text).profiles["rest-a"] == ProfileSettings(
        timeout_s=2,
        retries=3,
        total_timeout_s=5,
        response_limit_bytes=7,
        trust=(tmp_path / "ca.pem",),
        pins=(PIN,),
        idempotency_key=True,
        traceparent=True,
        send_bearer_claim=True,
        cache_token=True,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('trust = ["none.pem"]\n', "trust names no file"),
        ('pins = ["x"]\n', "an element of pins is not sha256/"),
        ('idempotency_key = "yes"\n', "true or false, without quotes"),
        ("total_timeout_s = 601\n", "a number from 0.001 to 600"),
    ],
)
def test_a_wrong_setting_of_a_profile_says_what_to_write(problems, text, words):
    assert words in problems('[profiles."REST-A"]\n' + text)[0]
