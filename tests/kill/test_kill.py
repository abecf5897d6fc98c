"""``kill -9`` at any point of apply, rewrap, delete and rotate: the store opens, a working credential is there, the chain verifies.

The short form has few points; ``make soak`` has 1,000 of each. Each point ends with a look by a new process, and
with the same command again, which goes on where the killed one stopped.
"""

from __future__ import annotations

import operations
import pytest
from killing import Killing, copied, in_process

KEYS = 8
pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.delenv("JOURNEYMAN_MASTER_KEY", raising=False)
    for name in ("before", "now"):
        (tmp_path / name).mkdir()
    return tmp_path


def killing(folder, operation, *arguments, points):
    """Yield after each point; the tenant folder to look at is ``folder / "now"``."""
    how = Killing(points=points)
    yield from how.over(
        operation, folder / "now", *arguments, prepare=lambda: copied(folder / "before", folder / "now")
    )
    assert how.killed >= points // 3, "most points hit the operation"


def test_a_killed_rewrap_leaves_a_store_that_opens_and_is_finished_by_the_next(folder):
    in_process(operations.make, folder / "before", KEYS)
    expected = {f"B2C_1A_Rest{number}": f"old-{number}" for number in range(KEYS)}
    for after_s in killing(folder, operations.rewrap, points=6):
        assert in_process(operations.secrets, folder / "now") == expected, after_s
        in_process(operations.rewrap, folder / "now")

        assert in_process(operations.secrets, folder / "now") == expected, after_s
        assert not (folder / "now" / ".journeyman" / "master.key.new").exists()


def test_a_killed_apply_leaves_the_old_or_the_new_value_of_each_key_and_is_finished_by_the_next(folder):
    in_process(operations.make_by_apply, folder / "before")
    for after_s in killing(folder, operations.apply, operations.AFTER, "new", points=6):
        found = in_process(operations.secrets, folder / "now")
        for number in range(1, 4):
            assert found[f"B2C_1A_Rest{number}"] in {f"old-{number}", f"new-{number}"}, after_s
        assert found.get("B2C_1A_Rest0", found.get("B2C_1A_Rest0.bak")) == "old-0"
        in_process(operations.apply, folder / "now", operations.AFTER, "new")

        finished = {f"B2C_1A_Rest{number}": f"new-{number}" for number in range(1, 6)}
        assert in_process(operations.secrets, folder / "now") == finished | {"B2C_1A_Rest0.bak": "old-0"}


def test_a_killed_deletion_leaves_the_key_or_its_backup_and_an_entry_for_each_step_that_was_made(folder):
    in_process(operations.make, folder / "before", 2)
    for after_s in killing(folder, operations.delete_and_restore, points=5):
        found = in_process(operations.secrets, folder / "now")
        there = [name for name in ("B2C_1A_Rest0", "B2C_1A_Rest0.bak") if name in found]
        steps = in_process(operations.entries, folder / "now")[2:]

        assert len(there) == 1, after_s
        assert found[there[0]] == "old-0"
        deleted = [("Delete policy key", "B2C_1A_Rest0")]
        restored = [("Restore policy key", "B2C_1A_Rest0")]
        assert steps in ([], deleted, deleted + restored)
        assert (there == ["B2C_1A_Rest0.bak"]) == (steps == deleted)


STEPS = ("stage", "promote", "retire")
STATES = {"idle": "old-0", "staged": "old-0", "promoted": "new-0", "retired": "new-0"}
ACTIVITIES = ("Stage key of policy key", "Promote key of policy key", "Retire key of policy key")


def test_a_killed_rotation_leaves_one_of_its_states_with_the_secret_of_it_and_goes_on_from_there(folder):
    in_process(operations.make_rotatable, folder / "before")
    for after_s in killing(folder, operations.rotate_step, *STEPS, points=4):
        state = in_process(operations.rotation, folder / "now")
        found = in_process(operations.secrets, folder / "now")
        done = list(STATES).index(state)
        steps = [activity for activity, _ in in_process(operations.entries, folder / "now")[2:]]

        assert found == {"B2C_1A_Rest0": STATES[state], "B2C_1A_Rest1": "old-1"}, after_s
        assert steps == list(ACTIVITIES[:done])
        in_process(operations.rotate_step, folder / "now", *STEPS[done:])
        assert in_process(operations.rotation, folder / "now") == "retired"
        assert in_process(operations.secrets, folder / "now")["B2C_1A_Rest0"] == "new-0"


def test_a_killed_first_start_leaves_a_folder_that_starts(folder):
    for after_s in killing(folder, operations.make, 2, points=3):
        found = in_process(operations.secrets, folder / "now") if (folder / "now" / "journeyman.toml").exists() else {}

        assert found in ({}, {"B2C_1A_Rest0": "old-0"}, {"B2C_1A_Rest0": "old-0", "B2C_1A_Rest1": "old-1"}), after_s


def test_a_killed_deploy_leaves_the_old_release_or_the_new_one_whole(folder, xml):
    profile = xml.profile("Id", "transform", outputs=('objectId DefaultValue="user-1"',))
    for source, mark in (("first", ""), ("second", "<!-- second -->")):
        (folder / "before" / source).mkdir()
        for name in (f"B2C_1A_{letter}" for letter in "ABC"):
            text = xml.policy(xml.step(Id="Id"), profiles=(profile,), id=name)
            (folder / "before" / source / f"{name}.xml").write_text(text + mark, encoding="utf-8")
    in_process(operations.make, folder / "before", 1)
    in_process(operations.publish, folder / "before", "first")
    old = ([f"B2C_1A_{letter} 0" for letter in "ABC"], 1)
    new = ([f"B2C_1A_{letter} 1" for letter in "ABC"], 2)
    for after_s in killing(folder, operations.publish, "second", points=6):
        assert in_process(operations.uploaded, folder / "now") in (old, new), after_s
        in_process(operations.publish, folder / "now", "second")

        assert in_process(operations.uploaded, folder / "now") == new
