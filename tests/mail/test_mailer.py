from __future__ import annotations

from journeyman.mail.mailer import Message


def test_the_repr_of_a_message_holds_neither_text_nor_code():
    shown = repr(Message("jane@example.com", "Your code", "Your code is 493021", "493021"))

    assert shown == "Message(to='jane@example.com', subject='Your code')"
