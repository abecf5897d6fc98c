from __future__ import annotations

import pytest

from journeyman.management.caller import ROLES, Right, caller_of
from journeyman.management.errors import ForbiddenError


@pytest.mark.parametrize("write", sorted(name for name in ROLES if "ReadWrite" in name))
def test_a_role_that_writes_reads_the_same_objects(write):
    written = {right.name.removeprefix("WRITE_") for right in ROLES[write] if right.name.startswith("WRITE_")}
    read = {right.name.removeprefix("READ_") for right in ROLES[write] if right.name.startswith("READ_")}

    assert written == read
    assert len(written) == 1


def test_a_caller_without_the_right_is_refused_and_told_the_roles_that_give_it():
    caller = caller_of("app", frozenset({"Policy.Read.All"}))

    caller.require(Right.READ_POLICIES)
    with pytest.raises(ForbiddenError, match=r"change policies.*Policy\.ReadWrite\.TrustFramework"):
        caller.require(Right.WRITE_POLICIES)


def test_unknown_roles_give_no_rights():
    assert caller_of("app", frozenset({"Directory.Everything"})).rights == frozenset()
