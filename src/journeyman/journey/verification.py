"""The built-in e-mail verification: an address in, a code by mail out; the code in, a verified claim out.

A code belongs to its address, not to one browser. Source: technical-profiles.md §2.4, pages.md §9.2;
the numbers are our choice.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.clock import Clock
from journeyman.journey.outcome import PageAnswer
from journeyman.journey.state import JourneyState
from journeyman.mail.mailer import Mailer, Message
from journeyman.state.store import Kind, StateStore

CODE_LIFETIME: Final = timedelta(minutes=10)
TRIES: Final = 5
CODES_PER_HOUR: Final = 10

_ADDRESS: Final = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,189}")

FORMAT: Final = "Incorrect format."
THROTTLED: Final = (
    "There have been too many requests to verify this email address. Please wait a while, then try again."
)
WRONG: Final = "That code is incorrect. Please try again."
NO_MORE: Final = "You've made too many incorrect attempts. Please try again later."
EXPIRED: Final = "That code is expired. Please request a new code."


@dataclass(frozen=True, slots=True)
class EmailVerification:
    """Send and check the codes of the built-in e-mail verification."""

    state: StateStore
    mailer: Mailer
    clock: Clock

    async def send(self, journey: JourneyState, claim_id: str, address: str) -> PageAnswer:
        """Mail a new code; an earlier code for the address is void."""
        address = address.strip()
        if not _ADDRESS.fullmatch(address):
            return PageAnswer("AADB2C90158", FORMAT)
        now = self.clock.now()
        sent = await self.state.count(f"email/{_key(address)}/{now:%Y%m%d%H}", expires_at=now + timedelta(hours=1))
        if sent > CODES_PER_HOUR:
            return PageAnswer("AADB2C90158", THROTTLED)
        code = f"{secrets.randbelow(1_000_000):06d}"
        value = json.dumps({"code": code, "round": secrets.token_hex(8)}).encode()
        await self.state.put(Kind.EMAIL_CODE, _key(address), value, expires_at=now + CODE_LIFETIME)
        journey.verified.pop(claim_id, None)
        await self.mailer.send(_message(address, code, journey.tenant))
        return PageAnswer()

    async def check(self, journey: JourneyState, claim_id: str, address: str, code: str) -> PageAnswer:
        """Compare a code in constant time; the right one is used up and marks the claim as verified."""
        address = address.strip()
        stored = await self.state.get(Kind.EMAIL_CODE, _key(address))
        if stored is None:
            return PageAnswer("AADB2C90159", EXPIRED)
        kept = json.loads(stored.value)
        tries = await self.state.count(f"tries/{kept['round']}", expires_at=self._later())
        if tries > TRIES:
            return PageAnswer("AADB2C90159", NO_MORE)
        if not secrets.compare_digest(code.strip().encode(), kept["code"].encode()):
            return PageAnswer("AADB2C90159", WRONG)
        await self.state.delete(Kind.EMAIL_CODE, _key(address))
        journey.verified[claim_id] = address
        return PageAnswer()

    def _later(self) -> datetime:
        return self.clock.now() + CODE_LIFETIME


def _key(address: str) -> str:
    return hashlib.sha256(address.casefold().encode()).hexdigest()


def _message(address: str, code: str, tenant: str) -> Message:
    text = (
        f"Your code is {code}.\n\nEnter it on the page that asked for it. It is valid for "
        f"{CODE_LIFETIME.seconds // 60} minutes. If you did not ask for it, ignore this message."
    )
    return Message(to=address, subject=f"{tenant} account email verification code", text=text, code=code)
