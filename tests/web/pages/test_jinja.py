import pytest
from jinja2 import UndefinedError

from journeyman.web.pages.jinja import render


def test_values_are_escaped_and_unpaired_surrogates_replaced(tmp_path):
    (tmp_path / "x.html").write_text("<p>{{ text }}</p>")

    assert render("x.html", {"text": "<b>\ud800"}, tmp_path) == "<p>&lt;b&gt;?</p>"


def test_a_missing_value_is_an_error(tmp_path):
    (tmp_path / "x.html").write_text("{{ nothing }}")

    with pytest.raises(UndefinedError, match="nothing"):
        render("x.html", {}, tmp_path)
