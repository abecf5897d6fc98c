"""The message that brings a one-time code."""

from __future__ import annotations

from datetime import timedelta

from journeyman.mail.mailer import Message


def code_message(address: str, code: str, tenant: str, lifetime: timedelta) -> Message:
    """Return the message that brings ``code``; ``tenant`` names who sends it."""
    text = (
        f"Your code is {code}.\n\nEnter it on the page that asked for it. It is valid for "
        f"{lifetime.seconds // 60} minutes. If you did not ask for it, ignore this message."
    )
    return Message(to=address, subject=f"{tenant} account email verification code", text=text, code=code)
