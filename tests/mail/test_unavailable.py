from __future__ import annotations

import pytest

from journeyman.errors import ServiceError
from journeyman.mail.mailer import Message
from journeyman.mail.unavailable import UnavailableMailer


async def test_a_message_is_refused_with_a_text_for_the_person_and_without_its_code():
    with pytest.raises(ServiceError) as caught:
        await UnavailableMailer().send(Message("jane@example.com", "Your code", "Code 493021", "493021"))

    assert caught.value.service_code == "AADB2C90161"
    assert caught.value.user_message == (
        "We are having trouble verifying your email address. Please enter a valid email address and try again."
    )
    assert "493021" not in str(caught.value)
