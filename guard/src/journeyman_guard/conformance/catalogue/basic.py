"""HTTP Basic: close to the right pair, and the pair in forms that RFC 7617 does not have."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.catalogue.mutation import wrong_secrets
from journeyman_guard.conformance.subject import Subject, basic

_WRONG: Final = "A wrong user or password counts as the right one."
_FORM: Final = "A malformed header is repaired. A proxy in front that reads it otherwise can be passed by."
_TWICE: Final = (
    "Of several credentials one good is enough; who adds a header to somebody's request can choose which counts."
)
_COMMON: Final = (
    ("admin", "admin"),
    ("admin", "password"),
    ("root", "root"),
    ("test", "test"),
    ("user", ""),
    ("guest", "guest"),
)


def basic_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases; where the API asks for another kind only what everybody would try."""
    for user, password in _COMMON:
        probe = subject.bare().with_header("Authorization", basic(user, password))
        yield Case(f"basic/common-{user}-{password or 'empty'}", f"the common pair {user}:{password}", _WRONG, probe)
    if subject.kind == "basic":
        yield from _near(subject)
        yield from _forms(subject)


def _near(subject: Subject) -> Iterator[Case]:
    user, password = subject.user, subject.secret
    for name, title, value in wrong_secrets(password):
        yield _case(subject, f"password-{name}", f"password: {title}", basic(user, value), _WRONG)
    users = {
        "empty": ("no user", ""),
        "other": ("another user with the right password", "nobody"),
        "case": ("the user in the other case", user.swapcase()),
        "space": ("the user with a space behind it", user + " "),
        "nul": ("the user with a NUL behind it", user + "\0"),
        "one-more": ("the user with one more character", user + "x"),
    }
    for name, (title, value) in users.items():
        if value != user:
            yield _case(subject, f"user-{name}", title, basic(value, password), _WRONG)
    yield _case(subject, "no-password", "the user with an empty password", basic(user, ""), _WRONG)
    yield _case(subject, "swapped", "password and user swapped", basic(password, user), _WRONG)
    yield _case(subject, "password-nul", "the password with a NUL behind it", basic(user, password + "\0"), _WRONG)
    yield _case(subject, "password-space", "the password with a space behind it", basic(user, password + " "), _WRONG)
    yield _case(
        subject, "password-line", "the password with a line break behind it", basic(user, password + "\n"), _WRONG
    )


def _forms(subject: Subject) -> Iterator[Case]:
    right = basic(subject.user, subject.secret)
    encoded = right.removeprefix("Basic ")
    no_colon = base64.b64encode((subject.user + subject.secret).encode()).decode()
    forms = {
        "clear": ("the pair not encoded", f"Basic {subject.user}:{subject.secret}"),
        "no-colon": ("the pair without its colon", f"Basic {no_colon}"),
        "twice-encoded": ("the pair encoded twice", "Basic " + base64.b64encode(encoded.encode()).decode()),
        "spare-padding": ("too much padding", f"Basic {encoded}===="),
        "space-inside": ("a space within the credentials", f"Basic {encoded[:4]} {encoded[4:]}"),
        "character-inside": (
            "a character that is not Base64 within the credentials",
            f"Basic {encoded[:4]}*{encoded[4:]}",
        ),
        "tab": ("a tab behind the scheme", f"Basic\t{encoded}"),
        "no-space": ("no space behind the scheme", f"Basic{encoded}"),
        "colon": ("a colon behind the scheme", f"Basic: {encoded}"),
        "equals": ("an equals sign behind the scheme", f"Basic={encoded}"),
        "other-scheme": ("the credentials under the scheme Bearer", f"Bearer {encoded}"),
        "longer-scheme": ("the credentials under the scheme Basics", f"Basics {encoded}"),
        "quoted": ("the credentials in quotes", f'Basic "{encoded}"'),
        "parameter": ("a parameter behind the credentials", f"Basic {encoded}, realm=api"),
        "list": ("two credentials in one line", f"Basic eDp4, Basic {encoded}"),
        "list-behind": ("two credentials in one line, the right one first", f"Basic {encoded}, Basic eDp4"),
        "no-scheme": ("the credentials without a scheme", encoded),
    }
    if encoded.rstrip("=") != encoded:
        forms["no-padding"] = ("the padding left out", f"Basic {encoded.rstrip('=')}")
    for name, (title, value) in forms.items():
        yield _case(subject, name, title, value, _FORM)
    bare = subject.bare()
    first, second = bare.with_header("Authorization", right), bare.with_header("Authorization", "Basic eDp4")
    yield Case(
        "basic/right-then-wrong",
        "two headers, the right one first",
        _TWICE,
        first.with_header("Authorization", "Basic eDp4"),
    )
    yield Case(
        "basic/wrong-then-right", "two headers, the right one last", _TWICE, second.with_header("Authorization", right)
    )
    folded = replace(bare, headers=(*bare.headers, (b"Authorization", b"Basic\r\n " + encoded.encode())))
    yield Case("basic/folded", "the header folded over two lines", _FORM, folded)


def _case(subject: Subject, name: str, title: str, value: str, meaning: str) -> Case:
    return Case(f"basic/{name}", title, meaning, subject.bare().with_header("Authorization", value))
