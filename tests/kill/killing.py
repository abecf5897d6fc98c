"""Kill an operation with SIGKILL at many points and look at what it left behind.

An operation is a function of a module that a fresh process can import (one of this folder), with arguments that can be
pickled. It runs in a process of its own, forked from a server that has the product imported already, so one point
takes some hundredths of a second and not a start of Python.

    how = Killing(points=15)
    for point in how.over(operations.delete, folder):
        assert in_process(operations.check, folder) == "…"

``over`` measures first how long the operation takes when nobody kills it, then spreads the points over that time by a
fixed sequence that fills it evenly. ``JOURNEYMAN_SOAK=1`` makes ``points`` the long form.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GOLDEN = 0.618033988749895
PRELOADED = [
    "operations",
    "journeyman.engine.rewrap",
    "journeyman.cli.keys_rewrap",
    "journeyman.cli.keys_apply",
    "journeyman.cli.keys_rotate",
    "journeyman.cli.deploy",
]

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(PRELOADED)


@dataclass
class Killing:
    """How many points, and what was learnt of them.

    Attributes:
        soak: the number of points of the long form.
        killed: how many points hit the operation before it ended.
    """

    points: int
    soak: int = 1000
    killed: int = field(default=0, init=False)

    def over(self, operation: Callable[..., object], *arguments: Any, prepare: Callable[[], None]) -> Iterator[float]:
        """Run and kill the operation once for each point; ``prepare`` makes the same beginning each time."""
        number = self.soak if os.environ.get("JOURNEYMAN_SOAK") else self.points
        prepare()
        longest_s = _duration_s(operation, arguments)
        for point in range(number):
            after_s = longest_s * 1.1 * ((point + 1) * GOLDEN % 1)
            prepare()
            self.killed += killed(operation, *arguments, after_s=after_s)
            yield after_s


def killed(operation: Callable[..., object], *arguments: Any, after_s: float) -> bool:
    """Start the operation and kill it; say whether it had not ended by itself."""
    process, begun = _started(operation, arguments)
    begun.wait(30)
    process.join(after_s)
    early = process.exitcode is None
    process.kill()
    process.join()
    if process.exitcode not in {0, -signal.SIGKILL}:
        raise AssertionError(f"the operation failed by itself, with exit code {process.exitcode}")
    return early


def in_process(question: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function answers in a process of its own, as after a new start of the machine."""
    answers = _CONTEXT.SimpleQueue()
    process = _CONTEXT.Process(target=_answer, args=(answers, question, arguments))
    process.start()
    answer = answers.get()
    process.join()
    if isinstance(answer, BaseException):
        raise AssertionError(f"{type(answer).__name__}: {answer}") from answer
    return answer


def copied(source: Path, target: Path) -> None:
    """Make ``target`` a copy of the folder ``source``, whatever it was."""
    for path in sorted(target.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_dir():
            place.mkdir(mode=0o700, exist_ok=True, parents=True)
        else:
            place.write_bytes(path.read_bytes())
            place.chmod(path.stat().st_mode & 0o777)


def _started(operation: Callable[..., object], arguments: tuple[Any, ...]) -> tuple[Any, Any]:
    begun = _CONTEXT.Event()
    process = _CONTEXT.Process(target=_run, args=(begun, operation, arguments))
    process.start()
    return process, begun


def _run(begun: Any, operation: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    begun.set()
    operation(*arguments)


def _answer(answers: Any, question: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    try:
        answers.put(question(*arguments))
    except Exception as error:  # noqa: BLE001  # it is raised again where it was asked
        answers.put(AssertionError(f"{type(error).__name__}: {error}"))


def _duration_s(operation: Callable[..., object], arguments: tuple[Any, ...]) -> float:
    process, begun = _started(operation, arguments)
    begun.wait(30)
    start = time.monotonic()
    process.join()
    if process.exitcode != 0:
        raise AssertionError(f"the operation fails without being killed, with exit code {process.exitcode}")
    return time.monotonic() - start
