"""What is secret is given out once at most: not by a later answer, a log, a trace, the audit trail or the database."""

from __future__ import annotations

import pytest
from canary_search import Canary, look
from clients_caller import ask
from clients_canaries import plant
from openapi_objects import make_objects, real_parameters

COMMANDS = (("keys", "list", "--json"), ("apps", "list", "--json"), ("audit", "list", "--json"), ("trace", "--json"))


@pytest.fixture(scope="module")
def planted(master):
    return plant(master)


@pytest.fixture(scope="module")
def answers(planted, master):
    """Every answer to what was planted, and the answer of each GET of the document, with objects that exist."""
    found = {f"answer {number}": answer for number, answer in enumerate(planted.answers)}
    objects = make_objects(master)
    document = ask("GET", f"{master.origin}/v1.0/openapi.json").json
    for pattern, methods in document["paths"].items():
        path = pattern
        for name, value in real_parameters(objects, pattern).items():
            path = path.replace(f"{{{name}}}", value)
        if "get" in methods:
            answer = master("GET", f"/v1.0{path}?$top=999")
            assert answer.status in {200, 404}, (path, answer)
            found[path] = answer.body
    for place in planted.places:
        for address in (place, f"{place}?$select=passwordProfile,password,clientSecret,k,d", f"{place}/keys_v2"):
            found[address] = master("GET", address).body
    return found


def sightings(planted, places):
    return [str(one) for name, data in places.items() for one in look(planted.canaries, name, data)]


def test_no_answer_shows_a_secret_again(planted, answers):
    assert len(planted.canaries) > 25
    assert len(answers) > 70
    assert sightings(planted, answers) == []


def test_no_file_of_the_tenant_holds_a_secret_in_clear(planted, answers, home):
    files = [path for path in (home.path / ".journeyman").rglob("*") if path.is_file()]

    assert sightings(planted, {str(path): path.read_bytes() for path in files}) == []
    assert any(planted.mark.encode() in path.read_bytes() for path in files), (
        "what is no secret is found, so the search works"
    )


def test_no_log_line_shows_a_secret(planted, answers, home):
    printed = {f"log {number}": up.log.encode() for number, up in enumerate(home.started)}

    assert sightings(planted, printed) == []


def test_no_command_prints_a_secret(planted, answers, home):
    printed = {}
    for command in COMMANDS:
        ended = home.run(*command)
        printed[" ".join(command)] = (ended.out + ended.err).encode()
    shown = home.run("keys", "show", next(place.rpartition("/")[2] for place in planted.places if "_Pfx" in place))
    printed["keys show"] = shown.out.encode()

    assert sightings(planted, printed) == []
    assert shown.code == 0, shown.err
    assert planted.mark in printed["audit list --json"].decode()


def test_the_search_finds_a_secret_in_a_url_in_json_and_in_base64():
    canary = Canary("x", b'Canary+x/1234567890abcdef&"')

    assert len(look([canary], "here", b"Canary%2Bx%2F1234567890abcdef%26%22 Q2FuYXJ5K3gvMTIzNDU2Nzg5MGFiY2RlZiYi")) >= 2
