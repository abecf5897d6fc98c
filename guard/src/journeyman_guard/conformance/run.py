"""Run a catalogue against one API: the subject in, a report out.

Nothing is sent to any other host than the one of the subject, and never faster than the rate. The right credential is tried
first, in between and last: an API that refuses everything passes no catalogue.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.subject import Subject
from journeyman_guard.conformance.verdict import Result, Verdict, judge
from journeyman_guard.conformance.wire import Answer, Wire
from journeyman_guard.errors import MisconfiguredError

RATE: Final = 20.0
_RIGHT_EVERY: Final = 40
_MAX_WAIT_S: Final = 65


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a run.

    Attributes:
        right: how often the right credential was tried.
        rightly_refused: how often it did not get in, which it should have.
        notes: what was noticed across all answers.
    """

    subject: Subject
    verdicts: tuple[Verdict, ...]
    right: int
    rightly_refused: int
    notes: tuple[str, ...] = ()

    def count(self, result: Result) -> int:
        """Return how many cases ended so."""
        return sum(verdict.result is result for verdict in self.verdicts)

    @property
    def passed(self) -> bool:
        """Whether nobody wrong got in and the right one always did."""
        return not self.count(Result.LET_IN) and not self.count(Result.NOT_TRIED) and not self.rightly_refused


class Runner:
    """One run.

    Args:
        rate: requests per second at most; 0 is no limit.
        progress: is called with the number of cases done.
    """

    def __init__(
        self, wire: Wire, subject: Subject, rate: float = RATE, progress: Callable[[int], None] | None = None
    ) -> None:
        if (wire.host, wire.port) != (subject.host, subject.port):
            raise MisconfiguredError("only the host of the command line is attacked")
        self._wire = wire
        self._subject = subject
        self._pause_s = 1 / rate if rate else 0.0
        self._progress = progress or (lambda _: None)
        self._right = 0
        self._refused = 0
        self._answers: list[tuple[Case, Answer]] = []

    async def run(self, cases: Sequence[Case]) -> Report:
        """Send every case once. Raises MisconfiguredError when the right credential does not get in at the start."""
        expected = await self._first_right()
        verdicts = []
        for done, case in enumerate(cases):
            answer = await self._patiently(case)
            self._answers.append((case, answer))
            verdicts.append(judge(case, answer, expected))
            self._progress(done + 1)
            if done % _RIGHT_EVERY == _RIGHT_EVERY - 1:
                await self._right_again(expected)
        await self._right_again(expected)
        notes = tuple(_notes(self._subject, self._answers))
        return Report(self._subject, tuple(verdicts), self._right, self._refused, notes)

    async def _first_right(self) -> Answer:
        answer = await self._wire.send(self._subject.right())
        self._right += 1
        if answer.status is None or not 200 <= answer.status < 300:
            seen = answer.ended if answer.status is None else str(answer.status)
            raise MisconfiguredError(
                f"the right credential does not get in ({seen}), so nothing can be said about wrong ones; "
                "check method, path, body and credential"
            )
        return answer

    async def _right_again(self, expected: Answer) -> None:
        self._right += 1
        for _ in range(2):
            await asyncio.sleep(self._pause_s)
            answer = await self._wire.send(self._subject.right())
            if answer.status == 429:
                await asyncio.sleep(_wait_s(answer))
                continue
            break
        if answer.status != expected.status:
            self._refused += 1

    async def _patiently(self, case: Case) -> Answer:
        await asyncio.sleep(self._pause_s)
        answer = await self._wire.send(case.probe)
        if answer.status == 429:
            await asyncio.sleep(_wait_s(answer))
            answer = await self._wire.send(case.probe)
        return answer


def _wait_s(answer: Answer) -> int:
    named = answer.header("retry-after")
    seconds = int(named[0]) if named and named[0].isdecimal() else 1
    return min(seconds, _MAX_WAIT_S)


def _notes(subject: Subject, answers: Sequence[tuple[Case, Answer]]) -> list[str]:
    """Return what no single case shows."""
    refused = [answer for _, answer in answers if answer.status in (401, 403)]
    notes = []
    if any(answer.status == 401 and not answer.header("www-authenticate") for answer in refused):
        notes.append("some answers with 401 have no WWW-Authenticate, which RFC 9110 §15.5.2 demands")
    for status in (401, 403):
        bodies = {answer.body for answer in refused if answer.status == status and answer.body}
        if len(bodies) > 1:
            notes.append(
                f"the answers with {status} have {len(bodies)} different bodies; they may tell a caller what was wrong"
            )
    if subject.secret and any(_echoes(answer, subject.secret) for _, answer in answers):
        notes.append("a refusal repeats the secret it was sent")
    broken = sum(
        answer.status is not None and answer.status >= 500 and answer.status not in (501, 505) for _, answer in answers
    )
    if broken:
        notes.append(
            f"{broken} requests were answered with 5xx; nobody got in, but a check should refuse and not break"
        )
    return notes


def _echoes(answer: Answer, secret: str) -> bool:
    if answer.status is None or answer.status < 400 or len(secret) < 6:
        return False
    return secret.encode() in answer.body or any(secret in value for _, value in answer.headers)
