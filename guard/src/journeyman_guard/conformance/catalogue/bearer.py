"""A bearer token: close to the right one, and in forms that RFC 6750 does not have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from journeyman_guard.conformance.case import Case
from journeyman_guard.conformance.catalogue.mutation import wrong_secrets
from journeyman_guard.conformance.subject import Subject

_WRONG: Final = "A wrong token counts as the right one."
_FORM: Final = "A malformed header is repaired. A proxy in front that reads it otherwise can be passed by."
_TWICE: Final = "Of several tokens one good is enough; who adds a header to somebody's request can choose which counts."


def bearer_cases(subject: Subject) -> Iterator[Case]:
    """Return the cases for static tokens and for tokens in general."""
    if subject.kind not in ("bearer", "jwt"):
        yield Case(
            "bearer/guessed", "a guessed token", _WRONG, subject.bare().with_header("Authorization", "Bearer secret")
        )
        return
    token = subject.secret
    for name, title, value in wrong_secrets(token):
        yield _case(subject, name, f"token: {title}", f"Bearer {value}", _WRONG)
    forms = {
        "no-scheme": ("the token without a scheme", token),
        "other-scheme": ("the token under the scheme Token", f"Token {token}"),
        "basic-scheme": ("the token under the scheme Basic", f"Basic {token}"),
        "longer-scheme": ("the token under the scheme Bearers", f"Bearers {token}"),
        "scheme-twice": ("the scheme twice", f"Bearer Bearer {token}"),
        "tab": ("a tab behind the scheme", f"Bearer\t{token}"),
        "no-space": ("no space behind the scheme", f"Bearer{token}"),
        "colon": ("a colon behind the scheme", f"Bearer: {token}"),
        "quoted": ("the token in quotes", f'Bearer "{token}"'),
        "parameter": ("the token as a parameter", f"Bearer token={token}"),
        "space-inside": ("a space within the token", f"Bearer {token[:3]} {token[3:]}"),
        "list": ("two tokens in one line", f"Bearer x, Bearer {token}"),
        "list-behind": ("two tokens in one line, the right one first", f"Bearer {token}, Bearer x"),
        "two-words": ("a second word behind the token", f"Bearer {token} x"),
    }
    for name, (title, value) in forms.items():
        yield _case(subject, name, title, value, _FORM)
    right, wrong = f"Bearer {token}", "Bearer x"
    bare = subject.bare()
    for name, first, second in (("right-then-wrong", right, wrong), ("wrong-then-right", wrong, right)):
        probe = bare.with_header("Authorization", first).with_header("Authorization", second)
        yield Case(f"bearer/{name}", f"two headers: {name.replace('-', ' ')}", _TWICE, probe)
    folded = replace(bare, headers=(*bare.headers, (b"Authorization", b"Bearer\r\n " + token.encode())))
    yield Case("bearer/folded", "the header folded over two lines", _FORM, folded)


def _case(subject: Subject, name: str, title: str, value: str, meaning: str) -> Case:
    return Case(f"bearer/{name}", title, meaning, subject.bare().with_header("Authorization", value))
