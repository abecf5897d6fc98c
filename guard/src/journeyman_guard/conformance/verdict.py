"""What an answer means for a case: an answer in, a verdict out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Final

from journeyman_guard.conformance.case import Case, Goal
from journeyman_guard.conformance.wire import Answer

_BEFORE_THE_CHECK: Final = frozenset(
    {400, 404, 405, 408, 411, 413, 414, 415, 417, 421, 426, 431, 494, 495, 496, 497, 501, 505}
)
_REFUSED: Final = frozenset({401, 403, 407})


class Result(Enum):
    """What came of a case.

    REFUSED: as it should be.
    LET_IN: a wrong request got what only a right one should get.
    UNCLEAR: nobody got in as far as can be seen, but a person should look.
    NOT_TRIED: the API listened to nothing any more.
    """

    REFUSED = "refused"
    LET_IN = "let in"
    UNCLEAR = "unclear"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of one case, and what was seen."""

    case: Case
    result: Result
    seen: str
    seconds: float = 0.0


def judge(case: Case, answer: Answer, right: Answer) -> Verdict:
    """Return the verdict.

    Args:
        right: the answer to the right credential, for comparison.
    """
    result, seen = _credential(answer, right) if case.goal is Goal.CREDENTIAL else _elsewhere(answer, right)
    return Verdict(case, result, seen, answer.seconds)


def _credential(answer: Answer, right: Answer) -> tuple[Result, str]:
    match answer.status:
        case None:
            return _without_answer(answer)
        case 429:
            return Result.NOT_TRIED, "429: too many requests"
        case status if status in _REFUSED or status in _BEFORE_THE_CHECK:
            return Result.REFUSED, str(status)
        case status if 300 <= status < 400:
            return Result.UNCLEAR, f"{status}: a redirect, to a sign-in page perhaps"
        case status if status >= 500:
            return Result.UNCLEAR, f"{status}: the API broke; it should refuse"
        case status:
            return (
                Result.LET_IN,
                f"{status}{' with the same content as for the right credential' if _same(answer, right) else ''}",
            )


def _elsewhere(answer: Answer, right: Answer) -> tuple[Result, str]:
    match answer.status:
        case None:
            return _without_answer(answer)
        case 101:
            return Result.LET_IN, "101: another protocol was opened"
        case 429:
            return Result.NOT_TRIED, "429: too many requests"
        case status if 200 <= status < 300 and _same(answer, right):
            return Result.LET_IN, f"{status} with the same content as for the right credential"
        case status if 200 <= status < 300:
            return Result.UNCLEAR, f"{status} with another content; is this meant for everyone?"
        case status if status >= 500 and status not in _BEFORE_THE_CHECK:
            return Result.UNCLEAR, f"{status}: the API broke; it should refuse"
        case status:
            return Result.REFUSED, str(status)


def _without_answer(answer: Answer) -> tuple[Result, str]:
    if answer.ended == "silent":
        return Result.UNCLEAR, "no answer in time; the connection was left open"
    return Result.REFUSED, answer.ended


def _same(answer: Answer, right: Answer) -> bool:
    return answer.status == right.status and answer.body == right.body
