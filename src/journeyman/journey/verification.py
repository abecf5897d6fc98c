"""The built-in e-mail verification: an address in, a code by mail out; the code in, a verified claim out.

A code belongs to its address, not to one browser. Source: technical-profiles.md §2.4, pages.md §9.2;
the numbers are our choice.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from journeyman.clock import Clock
from journeyman.journey.outcome import PageAnswer
from journeyman.journey.state import JourneyState, lost_state
from journeyman.mail.address import ascii_lower, is_address
from journeyman.mail.code_message import code_message
from journeyman.mail.mailer import Mailer
from journeyman.state.store import Kind, StateStore

CODE_LIFETIME: Final = timedelta(minutes=10)
TRIES: Final = 5
CODES_PER_HOUR: Final = 10
CODES_PER_JOURNEY: Final = 20

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
        """Mail a new code; an earlier code for the address is void.

        Raises:
            ServiceError: the page that is shown has no such field, or mail cannot be sent.
        """
        claim_id, address = _asked_claim(journey, claim_id), address.strip()
        if not is_address(address):
            return PageAnswer("AADB2C90158", FORMAT)
        journey.verified.pop(claim_id, None)
        now, key = self.clock.now(), _key(address)
        hour = f"{now:%Y%m%d%H}"
        by_address = await self.state.count(f"email/{key}/{hour}", expires_at=now + timedelta(hours=1))
        by_journey = await self.state.count(f"email-of-journey/{journey.id}", expires_at=journey.expires_at)
        if by_address > CODES_PER_HOUR or by_journey > CODES_PER_JOURNEY:
            return PageAnswer("AADB2C90158", THROTTLED)
        code = f"{secrets.randbelow(1_000_000):06d}"
        value = json.dumps({"code": code, "round": secrets.token_hex(8)}).encode()
        await self.state.put(Kind.EMAIL_CODE, key, value, expires_at=now + CODE_LIFETIME)
        await self.mailer.send(code_message(address, code, journey.tenant, CODE_LIFETIME))
        return PageAnswer()

    async def check(self, journey: JourneyState, claim_id: str, address: str, code: str) -> PageAnswer:
        """Compare a code in constant time; the right one is used up and marks the claim as verified.

        Raises:
            ServiceError: the page that is shown has no such field.
        """
        claim_id, address = _asked_claim(journey, claim_id), address.strip()
        stored = await self.state.get(Kind.EMAIL_CODE, _key(address)) if is_address(address) else None
        if stored is None:
            return PageAnswer("AADB2C90159", EXPIRED)
        kept = json.loads(stored.value)
        # The try is counted before the code is looked at, so that parallel guesses are counted too.
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


def _asked_claim(journey: JourneyState, claim_id: str) -> str:
    """Return the id of a field that the page lets a person verify; nothing else may send mail."""
    names = journey.page.verify if journey.page else []
    found = next((name for name in names if name.casefold() == claim_id.casefold()), None)
    if found is None:
        raise lost_state()
    return found


def _key(address: str) -> str:
    return hashlib.sha256(ascii_lower(address).encode()).hexdigest()
