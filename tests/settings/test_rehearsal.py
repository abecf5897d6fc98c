from __future__ import annotations

import pytest

from journeyman.settings import RehearsalSettings
from journeyman.settings.rehearsal import rehearsal


@pytest.mark.parametrize(
    ("text", "method", "path"),
    [("HEAD", "HEAD", ""), ("OPTIONS", "OPTIONS", ""), ("GET /api/ping?a=1", "GET", "/api/ping?a=1")],
)
def test_a_method_and_a_path_are_read(text, method, path):
    assert rehearsal(text) == RehearsalSettings(method, path)


@pytest.mark.parametrize(
    "text",
    ["POST /a", "head", "HEAD a", "GET //evil.example/a", "GET /a#b", "GET /a b", "GET /a\r\nX: y", "", "GET /\\a"],
)
def test_a_method_that_changes_something_or_another_origin_is_refused(text):
    with pytest.raises(ValueError, match='is not a rehearsal; write "HEAD"'):
        rehearsal(text)


def test_a_get_needs_a_path_of_its_own():
    with pytest.raises(ValueError, match="a GET of the ServiceUrl may do something"):
        rehearsal("GET")
