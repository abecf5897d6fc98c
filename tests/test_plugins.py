from __future__ import annotations

import sys
from importlib.metadata import distributions

import pytest

from journeyman.errors import SettingsError
from journeyman.plugins import GROUP, find_providers

GOOD = """
class Plugin:
    handler = "Contoso.Loyalty"
    spec = object()

    def create(self, profile):
        return profile

plugin = Plugin()
"""


@pytest.fixture
def offer(tmp_path, monkeypatch):
    """Install a distribution whose module has the given text; return its entry points."""

    def offer(text, *, target="plugin", name="contoso_loyalty"):
        (tmp_path / f"{name}.py").write_text(text)
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\nloyalty = {name}:{target}\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, name, raising=False)
        return [one for dist in distributions(path=[str(tmp_path)]) for one in dist.entry_points]

    return offer


def test_a_plugin_is_found_by_its_handler(offer):
    found = find_providers(offer(GOOD))

    assert list(found) == ["Contoso.Loyalty"]
    assert found["Contoso.Loyalty"].create("profile") == "profile"


def test_installed_distributions_are_looked_through(offer):
    offer(GOOD)

    assert "Contoso.Loyalty" in find_providers()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import nowhere_to_be_found", "cannot be imported"),
        ("other = 1", "cannot be imported"),
        ("plugin = object()", "has no handler and no spec and no create"),
        (GOOD.replace("Contoso.Loyalty", ""), "handler is a type name"),
        (GOOD.replace("Contoso.Loyalty", "A, B"), "handler is a type name"),
        (GOOD.replace("def create(self, profile):\n        return profile", "create = 1"), "create a callable"),
    ],
)
def test_a_broken_plugin_ends_the_start_and_is_named(offer, text, words):
    with pytest.raises(SettingsError, match=words) as caught:
        find_providers(offer(text))

    assert "plugin 'loyalty' of contoso_loyalty" in str(caught.value)


def test_two_plugins_for_one_handler_are_an_error(offer):
    offer(GOOD)
    with pytest.raises(SettingsError, match=r"another plugin brings 'Contoso\.Loyalty' too"):
        find_providers(offer(GOOD, name="other_loyalty"))
