from __future__ import annotations

from journeyman.state.addresses import id_hash, seal_context
from journeyman.state.store import Kind


def test_the_hash_covers_kind_and_id():
    # printf 'code\0abc' | sha256sum
    assert id_hash(Kind.CODE, "abc").hex() == "449512298e78d89bff1dffffb4eae2115ef25494c8652cfa643fac35c9a5e811"
    assert id_hash(Kind.CODE, "abc") != id_hash(Kind.REFRESH, "abc")


def test_the_context_names_kind_and_hash():
    assert seal_context(Kind.EMAIL_CODE, b"\x01\xff") == "state/email_code/01ff"
