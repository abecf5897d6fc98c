"""``journeyman graph``: a diagram of what a policy does, whose names cannot draw anything themselves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import journeyman as package
from journeyman.cli.graph_text import dot_lines, json_object, mermaid_lines
from journeyman.compiler.journey_graph import GraphExchange, GraphJourney, GraphProfile, GraphStep, JourneyGraph
from journeyman.diagnostics import Location

STARTER = Path(package.__file__).parent / "cli" / "starter"
PLACE = Location("p.xml", 1, 1)
HOSTILE = 'A"] --> B[<img src=x>]; click\n%% \\" `x` & #1'


def graph(name="A", *, invokes=()):
    step = GraphStep(1, "ClaimsExchange", "", ("x has a value",), (), (GraphExchange("Do", name),), "", invokes, PLACE)
    profile = GraphProfile(name, "rest", "", "https://api.example/a", "Basic", (), (("validation", name),), PLACE)
    return JourneyGraph(
        "B2C_1A_P", (GraphJourney("J", "authorize", (step,)), GraphJourney("S", "", (step,))), (profile,)
    )


def test_mermaid_has_a_subgraph_for_each_journey_and_marks_rest_calls():
    assert list(mermaid_lines(graph(invokes=("s",)))) == [
        "flowchart TD",
        '  subgraph j0["J (authorize)"]',
        '    j0s1["1 ClaimsExchange<br/>unless x has a value"]',
        "  end",
        '  subgraph j1["S (sub journey)"]',
        '    j1s1["1 ClaimsExchange<br/>unless x has a value"]',
        "  end",
        '  p0{{"A<br/>rest: Basic<br/>https://api.example/a"}}',
        '  j0s1 -. "Do" .-> p0',
        '  j0s1 -. "invokes" .-> j1s1',
        '  j1s1 -. "Do" .-> p0',
        '  j1s1 -. "invokes" .-> j1s1',
        '  p0 -. "validation" .-> p0',
        "  classDef rest fill:#ffe9c7,stroke:#a35b00,color:#000",
        "  class p0 rest",
    ]


def test_dot_is_one_digraph_with_clusters():
    lines = list(dot_lines(graph()))

    assert lines[0] == 'digraph "B2C_1A_P" {'
    assert '    j0s1 [label="1 ClaimsExchange\\nunless x has a value"];' in lines
    assert '  p0 [shape=hexagon label="A\\nrest: Basic\\nhttps://api.example/a"];' in lines
    assert '  j0s1 -> p0 [style=dashed label="Do"];' in lines
    assert lines[-1] == "}"


def test_names_stay_inside_their_labels():
    mermaid, dot = list(mermaid_lines(graph(HOSTILE))), list(dot_lines(graph(HOSTILE)))

    labels = [line.split('"')[1] for line in mermaid if line.count('"') == 2]
    assert len(labels) == sum('"' in line for line in mermaid)
    assert not any(char in label.replace("<br/>", "") for label in labels for char in '<>"`')
    assert len(mermaid) == len(list(mermaid_lines(graph())))
    assert len(dot) == len(list(dot_lines(graph())))
    assert any('A\\"] --> B[<img src=x>]' in line for line in dot)


def test_the_object_holds_what_the_diagram_shows():
    found = json_object(graph())

    assert found["policy"] == "B2C_1A_P"
    assert found["profiles"][0]["runs"] == [{"as": "validation", "profile": "A"}]
    assert found["journeys"][0]["steps"][0]["skipped_when"] == ["x has a value"]


@pytest.fixture
def folder(tenant):
    for name in ("Base.xml", "SignUpOrSignIn.xml"):
        (tenant / "policies" / name).write_text((STARTER / name).read_text(encoding="utf-8"), encoding="utf-8")
    with (tenant / "journeyman.toml").open("a") as settings:
        settings.write('\n[[user_flows]]\nid = "B2C_1_in"\ntype = "signIn"\n')
    return tenant


@pytest.mark.parametrize("policy", ["B2C_1A_SignUpOrSignIn", "B2C_1_in"])
def test_policies_and_user_flows_are_drawn_alike(folder, journeyman, policy):
    drawn = journeyman("graph", policy, "--dir", folder)
    dot = journeyman("graph", policy, "--dir", folder, "--format", "dot")
    found = json.loads(journeyman("graph", policy, "--dir", folder, "--json").out)

    assert (drawn.code, drawn.out.splitlines()[0]) == (0, "flowchart TD")
    assert dot.out.startswith(f'digraph "{policy}"')
    assert found["policy"] == policy
    assert [journey["entry"] for journey in found["journeys"]] == ["authorize", "Token"]


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        (
            ("B2C_1A_TrustFrameworkBase",),
            1,
            "B2C_1A_TrustFrameworkBase has no relying party with a journey; name a policy that applications ask for",
        ),
        (("B2C_1A_SignUp",), 2, "error: there is no policy 'B2C_1A_SignUp'; did you mean B2C_1A_SignUpOrSignIn"),
        (("B2C_1_in", "--format", "svg"), 2, "error: --format 'svg' is unknown; write mermaid, dot or json"),
    ],
)
def test_what_cannot_be_drawn_is_said(folder, journeyman, arguments, code, error):
    ended = journeyman("graph", *arguments, "--dir", folder)

    assert ended.code == code
    assert ended.err.startswith(error)
