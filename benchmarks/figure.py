"""A measured figure beside its baseline, and the table that shows many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a run.

    Attributes:
        baseline: what it is compared with, measured in the same run; "" when there is nothing to compare with.
        baseline_value: in the same unit.
        higher_is_better: for rates; the ratio is always value / baseline.
        promise: the sentence of the design that it keeps, "" when none was given.
        met: whether the promise is kept; None when there is none.
    """

    name: str
    value: float
    unit: str
    baseline: str = ""
    baseline_value: float | None = None
    promise: str = ""
    met: bool | None = None

    @property
    def ratio(self) -> float | None:
        """The value over the baseline, None without one."""
        return self.value / self.baseline_value if self.baseline_value else None

    def as_json(self) -> dict[str, object]:
        """Return what ``--json`` prints."""
        return {**asdict(self), "ratio": self.ratio}


HEAD = ("figure", "value", "baseline", "baseline value", "ratio", "promise", "met?")


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as a Markdown table whose columns line up."""
    rows = [HEAD, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cells(figure: Figure) -> tuple[str, ...]:
    baseline = "" if figure.baseline_value is None else f"{_number(figure.baseline_value)} {figure.unit}"
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    met = "" if figure.met is None else "yes" if figure.met else "no"
    value = f"{_number(figure.value)} {figure.unit}"
    return (figure.name, value, figure.baseline, baseline, ratio, figure.promise, met)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"
