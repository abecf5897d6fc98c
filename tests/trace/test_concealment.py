from __future__ import annotations

import pytest

from journeyman.trace.concealment import concealed, written_forms


@pytest.mark.parametrize(
    "text",
    [
        'It was k"ü/1.',
        'It was k\\"ü/1.',
        'It was k\\"\\u00fc/1.',
        'It was k\\\\\\"ü/1.',
        "It was k%22%C3%BC%2F1.",
        "It was k%22%C3%BC/1.",
    ],
)
def test_a_secret_is_concealed_as_it_is_and_as_json_urls_and_forms_write_it(text):
    assert concealed(text, written_forms(['k"ü/1'])) == "It was (secret)."


def test_a_space_of_a_secret_may_be_a_plus_in_a_form():
    assert concealed("a=one+two&b", written_forms(["one two"])) == "a=(secret)&b"


def test_a_secret_that_every_way_of_writing_leaves_alone_has_one_form():
    assert written_forms(["abc-DEF_1.2~3"]) == {"abc-DEF_1.2~3"}


def test_a_text_that_would_be_found_anywhere_is_not_looked_for():
    assert written_forms(["abc", "abcd"]) == {"abcd"}
    assert written_forms(["abcdefg"], shortest=8) == frozenset()


def test_of_two_secrets_the_longer_is_concealed_first():
    assert concealed("user:password", frozenset({"user", "user:password"})) == "(secret)"


def test_a_text_with_a_lone_surrogate_can_be_concealed():
    assert concealed("x ab\ud800cd y", written_forms(["ab\ud800cd"])) == "x (secret) y"
