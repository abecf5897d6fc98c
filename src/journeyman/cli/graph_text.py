"""A graph of journeys in, a diagram out: Mermaid for Markdown pages, DOT for Graphviz, an object for programs.

Ids of nodes are ours; every name of a policy stands in a label, where it cannot become part of the diagram's language.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from journeyman.compiler.journey_graph import GraphJourney, GraphProfile, GraphStep, JourneyGraph
from journeyman.policy.model import key
from journeyman.trace.printable import printable

_SHAPES: Final[Mapping[str, tuple[str, str]]] = {
    "rest": ("{{", "}}"),
    "page": ("([", "])"),
    "directory": ("[(", ")]"),
    "identity provider": ("[/", "/]"),
    "issuer": ("[[", "]]"),
}
_DOT_SHAPES: Final[Mapping[str, str]] = {
    "rest": "hexagon",
    "page": "note",
    "directory": "cylinder",
    "identity provider": "parallelogram",
    "issuer": "component",
}
_MERMAID_ESCAPES: Final = {ord(char): f"#{ord(char)};" for char in '"<>&#`\\'}
_REST_STYLE: Final = "fill:#ffe9c7,stroke:#a35b00,color:#000"


def mermaid_lines(graph: JourneyGraph) -> Iterator[str]:
    """Yield a Mermaid flowchart."""
    names = _Names(graph)
    yield "flowchart TD"
    for index, journey in enumerate(graph.journeys):
        yield f'  subgraph j{index}["{_mermaid(_title(journey))}"]'
        for step in journey.steps:
            yield f'    {names.step(index, step)}["{_mermaid(*_step_label(step))}"]'
        for before, after in zip(journey.steps, journey.steps[1:], strict=False):
            yield f"    {names.step(index, before)} --> {names.step(index, after)}"
        yield "  end"
    for profile in graph.profiles:
        opening, closing = _SHAPES.get(profile.kind, ("[", "]"))
        yield f'  {names.profiles[key(profile.id)]}{opening}"{_mermaid(*_profile_label(profile))}"{closing}'
    for source, target, label in names.edges():
        yield f'  {source} -. "{_mermaid(label)}" .-> {target}'
    rest = [names.profiles[key(profile.id)] for profile in graph.profiles if profile.kind == "rest"]
    if rest:
        yield f"  classDef rest {_REST_STYLE}"
        yield f"  class {','.join(rest)} rest"


def dot_lines(graph: JourneyGraph) -> Iterator[str]:
    """Yield a digraph of Graphviz."""
    names = _Names(graph)
    yield f"digraph {_dot(graph.policy_id)} {{"
    yield '  node [shape=box fontname="sans-serif"];'
    for index, journey in enumerate(graph.journeys):
        yield f"  subgraph cluster_j{index} {{"
        yield f"    label={_dot(_title(journey))};"
        for step in journey.steps:
            yield f"    {names.step(index, step)} [label={_dot(*_step_label(step))}];"
        for before, after in zip(journey.steps, journey.steps[1:], strict=False):
            yield f"    {names.step(index, before)} -> {names.step(index, after)};"
        yield "  }"
    for profile in graph.profiles:
        shape = _DOT_SHAPES.get(profile.kind, "box")
        yield f"  {names.profiles[key(profile.id)]} [shape={shape} label={_dot(*_profile_label(profile))}];"
    for source, target, label in names.edges():
        yield f"  {source} -> {target} [style=dashed label={_dot(label)}];"
    yield "}"


def json_object(graph: JourneyGraph) -> dict[str, object]:
    """Return the graph as an object."""
    return {
        "policy": graph.policy_id,
        "journeys": [
            {"id": journey.id, "entry": journey.entry, "steps": [_step_object(step) for step in journey.steps]}
            for journey in graph.journeys
        ],
        "profiles": [_profile_object(profile) for profile in graph.profiles],
    }


class _Names:
    """The ids of the nodes, and the edges between journeys and profiles."""

    def __init__(self, graph: JourneyGraph) -> None:
        self._graph = graph
        self.profiles = {key(profile.id): f"p{index}" for index, profile in enumerate(graph.profiles)}
        self._sub_journeys = {
            key(journey.id): index for index, journey in enumerate(graph.journeys) if not journey.entry
        }

    def step(self, journey: int, step: GraphStep) -> str:
        """Return the id of a step."""
        return f"j{journey}s{step.order}"

    def edges(self) -> Iterator[tuple[str, str, str]]:
        """Yield what a step runs and invokes, and what a page runs: source, target, label."""
        for index, journey in enumerate(self._graph.journeys):
            for step in journey.steps:
                yield from self._of_step(self.step(index, step), step)
        for profile in self._graph.profiles:
            for label, target in profile.validations:
                if key(target) in self.profiles:
                    yield self.profiles[key(profile.id)], self.profiles[key(target)], label

    def _of_step(self, source: str, step: GraphStep) -> Iterator[tuple[str, str, str]]:
        runs = [(each.profile, each.id) for each in step.exchanges] + [(step.issuer, "issues")] * bool(step.issuer)
        for profile, label in runs:
            if key(profile) in self.profiles:
                yield source, self.profiles[key(profile)], label
        for name in step.invokes:
            index = self._sub_journeys.get(key(name))
            if index is not None and self._graph.journeys[index].steps:
                yield source, self.step(index, self._graph.journeys[index].steps[0]), "invokes"


def _title(journey: GraphJourney) -> str:
    return f"{journey.id} ({journey.entry or 'sub journey'})"


def _step_label(step: GraphStep) -> Sequence[str]:
    skipped = [f"unless {' or '.join(step.conditions)}"] if step.conditions else []
    return (f"{step.order} {step.type}", *filter(None, [step.page]), *skipped)


def _profile_label(profile: GraphProfile) -> Sequence[str]:
    said = f"{profile.kind}: {profile.detail}" if profile.detail else profile.kind
    return (profile.id, said, *filter(None, [profile.target]))


def _mermaid(*lines: str) -> str:
    return "<br/>".join(printable(line).translate(_MERMAID_ESCAPES) for line in lines)


def _dot(*lines: str) -> str:
    escaped = (printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped) + '"'


def _step_object(step: GraphStep) -> dict[str, object]:
    return {
        "order": step.order,
        "type": step.type,
        "page": step.page,
        "skipped_when": list(step.conditions),
        "choices": list(step.choices),
        "exchanges": [{"id": each.id, "profile": each.profile} for each in step.exchanges],
        "issuer": step.issuer,
        "invokes": list(step.invokes),
        "path": step.location.path,
        "line": step.location.line,
    }


def _profile_object(profile: GraphProfile) -> dict[str, object]:
    return {
        "id": profile.id,
        "kind": profile.kind,
        "name": profile.name,
        "target": profile.target,
        "detail": profile.detail,
        "keys": list(profile.keys),
        "runs": [{"as": label, "profile": target} for label, target in profile.validations],
        "path": profile.location.path,
        "line": profile.location.line,
    }


LINES: Final[Mapping[str, Callable[[JourneyGraph], Iterator[str]]]] = {"mermaid": mermaid_lines, "dot": dot_lines}
"""Formats that are text."""
