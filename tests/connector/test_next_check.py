from __future__ import annotations

import pytest

from journeyman.connector.next_check import MEANING, NEXT
from journeyman.trace.records import Verdict


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.OK])
def test_every_verdict_that_is_not_fine_has_a_sentence_for_the_operator(verdict):
    assert NEXT[verdict].endswith((".", "?"))
    assert len(NEXT[verdict]) > 40


def test_a_call_that_was_fine_has_nothing_to_check():
    assert NEXT[Verdict.OK] == ""


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_says_in_one_sentence_what_happened(verdict):
    assert MEANING[verdict].endswith(".")
    assert MEANING[verdict].count(". ") == 0
