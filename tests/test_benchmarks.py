"""Every benchmark runs and yields its figures; how fast anything is, is not asserted here."""

import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.catalogue import BENCHMARKS
from benchmarks.figure import Figure, table
from benchmarks.measure import SMOKE, Effort, Side, compare

ROOT = Path(__file__).parent.parent
FIGURES = {
    "rest_call": 10,
    "rest_modes": 5,
    "rest_at_once": 6,
    "rest_cold": 6,
    "rest_certificates": 4,
    "rest_record": 3,
    "policy_load": 2,
    "policy_sets": 6,
    "journey_steps": 1,
    "token_endpoint": 4,
    "sign_in": 5,
    "start_up": 4,
    "guard": 8,
}


@pytest.mark.parametrize("name", BENCHMARKS)
async def test_a_benchmark_yields_its_figures(name, monkeypatch, tmp_path):
    # The bundled policies are measured, so that the test is the same with and without the public ones.
    monkeypatch.setenv("JOURNEYMAN_CORPUS", str(tmp_path))

    figures = await BENCHMARKS[name](SMOKE)

    assert len(figures) == FIGURES[name]
    assert all(math.isfinite(figure.value) and figure.value > 0 for figure in figures)
    assert all(figure.baseline_value is None or figure.baseline_value > 0 for figure in figures)
    assert len({figure.name for figure in figures}) == len(figures)
    assert all((figure.met is not None) == bool(figure.promise) for figure in figures)


def test_a_name_that_is_none_is_refused_with_the_names_there_are():
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 2
    assert "there is no benchmark 'nothing'; there are rest_call, rest_modes" in ended.stderr


def test_json_holds_figures_with_their_ratio_and_the_surroundings():
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", "policy_load", "--json", "--quick"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    report = json.loads(ended.stdout)

    assert {"name", "value", "unit", "baseline", "baseline_value", "ratio", "promise", "met"} == set(
        report["figures"][0]
    )
    assert {"machine", "python", "load", "policies", "garbage collector"} == set(report["surroundings"])


def test_a_ratio_is_the_value_over_the_baseline():
    figure = Figure("call", 300, "µs", "bare call", 200, "at most 100 µs more", met=True)

    assert figure.ratio == 1.5
    assert table([figure]).splitlines()[2] == (
        "| call   | 300 µs | bare call | 200 µs         | 1.50  | at most 100 µs more | yes  |"
    )


def test_a_figure_without_a_baseline_has_no_ratio():
    assert Figure("memory", 80, "MiB").ratio is None


async def test_sides_take_turns_and_the_order_changes_every_other_round():
    order: list[str] = []
    ticks = iter(range(100))

    def side(name: str) -> Side:
        async def work(count: int) -> None:
            order.append(f"{name}{count}")

        async def clock() -> float:
            return float(next(ticks))

        return Side(work, clock)

    costs = await compare({"a": side("a"), "b": side("b")}, Effort(rounds=2, operations=4, warm_up=1))

    assert order == ["a4", "b4", "b4", "a4", "a4", "b4"]
    assert costs["a"].cpu_s == 0.25
