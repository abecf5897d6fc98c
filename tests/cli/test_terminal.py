from __future__ import annotations

import subprocess
import sys

import pytest

from journeyman.cli.terminal import argument, errors_in_words, utc_text
from journeyman.errors import KeyStoreError, SettingsError


@pytest.mark.parametrize(
    ("error", "code", "text"),
    [
        (SettingsError("a; do b"), 2, "error: a; do b\n"),
        (SettingsError("a\nb"), 2, "error: a\nerror: b\n"),
        (KeyStoreError("a; do b"), 1, "error JM5101: a; do b\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_our_errors_are_words_and_an_exit_code(error, code, text, capsys):
    with pytest.raises(SystemExit) as ended, errors_in_words():
        raise error

    assert ended.value.code == code
    assert capsys.readouterr().err == text


def test_an_argument_that_is_refused_is_named_with_the_reason():
    def refuse(text):
        raise ValueError("is not a thing; write one")

    with pytest.raises(SettingsError, match=r"^--thing 'x' is not a thing; write one$"):
        argument("--thing", refuse, "x")


def test_no_time_is_none():
    assert utc_text(None) is None


def test_a_terminal_without_the_letters_gets_escapes_and_json_stays_json():
    code = "from journeyman.cli.terminal import *; write_what_the_terminal_has(); say('Zoë'); say_json({'name': 'Zoë'})"
    environment = {"PYTHONIOENCODING": "ascii"}
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, env=environment).stdout

    assert printed == b'Zo\\xeb\n{\n  "name": "Zo\\u00eb"\n}\n'
