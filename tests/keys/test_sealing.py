from __future__ import annotations

import pytest

from journeyman.errors import KeyStoreError, SealError
from journeyman.keys.sealing import EnvelopeSealer, envelope_key_id, local_master_key

SECRET = b"correct horse battery staple"
OTHER = EnvelopeSealer(local_master_key(b"\x07" * 32))


def test_a_sealed_record_opens_under_its_context(sealer):
    sealed = sealer.seal(SECRET, context="a/b")

    assert sealer.open(sealed, context="a/b") == SECRET
    assert SECRET not in sealed


def test_an_empty_record_is_sealed_too(sealer):
    assert sealer.open(sealer.seal(b"", context="a"), context="a") == b""


def test_the_same_record_never_seals_to_the_same_bytes_or_data_key(sealer):
    one, two = sealer.seal(SECRET, context="a"), sealer.seal(SECRET, context="a")

    assert one[13:61] != two[13:61]
    assert one[-len(SECRET) - 16 :] != two[-len(SECRET) - 16 :]


def test_a_change_of_any_single_byte_is_refused(sealer):
    sealed = sealer.seal(SECRET, context="the/place")

    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(SealError, match=r"^the/place: "):
            sealer.open(bytes(changed), context="the/place")


def test_a_record_cut_short_anywhere_or_made_longer_is_refused(sealer):
    sealed = sealer.seal(SECRET, context="a")

    for record in [*(sealed[:end] for end in range(len(sealed))), sealed + b"\0"]:
        with pytest.raises(SealError):
            sealer.open(record, context="a")


def test_a_record_under_another_context_is_refused_and_names_the_place(sealer):
    sealed = sealer.seal(SECRET, context="key/one")

    with pytest.raises(SealError, match=r"^key/two: the sealed record was damaged or moved"):
        sealer.open(sealed, context="key/two")


def test_the_wrapped_key_of_one_record_does_not_open_another(sealer):
    one, two = sealer.seal(SECRET, context="a"), sealer.seal(SECRET, context="a")

    with pytest.raises(SealError):
        sealer.open(one[:61] + two[61:], context="a")


def test_a_record_of_another_master_key_is_refused_in_words_that_name_both(sealer):
    with pytest.raises(SealError, match=r"sealed under master key [0-9a-f]{16}, this engine holds [0-9a-f]{16}"):
        OTHER.open(sealer.seal(SECRET, context="a"), context="a")


def test_a_former_master_key_still_opens_and_no_longer_seals(sealer):
    rotated = EnvelopeSealer(OTHER.master, former=(sealer.master,))

    assert rotated.open(sealer.seal(SECRET, context="a"), context="a") == SECRET
    assert OTHER.open(rotated.seal(SECRET, context="a"), context="a") == SECRET


def test_the_version_stands_in_clear_at_the_front(sealer):
    assert sealer.seal(SECRET, context="a")[:3] == b"JM\x01"


def test_a_master_key_of_another_length_is_refused():
    with pytest.raises(KeyStoreError, match="has 32 bytes, this one has 16"):
        local_master_key(bytes(16))


def test_neither_sealer_nor_master_key_print_the_key():
    key = b"0123456789abcdef0123456789abcdef"
    shown = repr(EnvelopeSealer(local_master_key(key)))

    assert "0123456789abcdef" not in shown
    assert key.hex() not in shown


def test_the_envelope_names_the_key_that_wraps_its_data_key(sealer):
    assert envelope_key_id(sealer.seal(SECRET, context="a")) == sealer.master.key_id
    assert envelope_key_id(b"something else") == b""
