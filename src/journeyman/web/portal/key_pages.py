"""Draw the pages of policy keys: rows in, HTML out. Nothing that is drawn was ever a secret."""

from __future__ import annotations

from collections.abc import Sequence

from journeyman.engine.expiry import Expiring
from journeyman.web.portal.key_form import Entered, FormError, Way
from journeyman.web.portal.key_view import Bar, Detail, Missing, Row
from journeyman.web.portal.pages import draw, shared

_POLL = "/portal/api/keys"


def keys_page(
    rows: Sequence[Row],
    missing: Sequence[Missing],
    others: Sequence[tuple[Expiring, Bar]],
    *,
    nonce: str,
    version: str,
    added: str = "",
    mailbox: bool = False,
) -> str:
    """Return the list of policy keys.

    Args:
        others: what ends beside the policy keys.
        added: the id of the policy key that was just added.
    """
    values = {
        **shared("Policy keys", _POLL, nonce=nonce, version=version, mailbox=mailbox),
        "keys": rows,
        "missing": missing,
        "others": others,
        "added": added,
    }
    return draw("keys.html", values)


def key_page(detail: Detail, *, nonce: str, version: str, mailbox: bool = False) -> str:
    """Return one policy key."""
    values = {
        **shared(detail.row.id, _POLL, nonce=nonce, version=version, mailbox=mailbox),
        "detail": detail,
    }
    return draw("key.html", values)


def new_key_page(entered: Entered, error: FormError | None, *, nonce: str, mailbox: bool = False) -> str:
    """Return the form for a new policy key, with what was typed in before but for secrets."""
    values = {
        **shared("Add a policy key", "", nonce=nonce, version="", mailbox=mailbox),
        "entered": entered,
        "ways": Way,
        "error": error,
    }
    return draw("key_new.html", values)
