"""Mail in production mode where no transport is configured: nothing is sent, and the person is told so."""

from __future__ import annotations

from journeyman.errors import ServiceError
from journeyman.mail.mailer import Message

TEXT = "We are having trouble verifying your email address. Please enter a valid email address and try again."


class UnavailableMailer:
    """Refuse every message."""

    async def send(self, message: Message) -> None:
        """Raise ServiceError: codes are never shown anywhere else in production mode."""
        detail = "no mail transport is configured in production mode"
        raise ServiceError(detail, service_code="AADB2C90161", user_message=TEXT)
