"""Wrong forms of one secret, each close to the right one."""

from __future__ import annotations

from collections.abc import Iterator


def wrong_secrets(secret: str) -> Iterator[tuple[str, str, str]]:
    """Return (name, what it is, value); none of them is the secret itself."""
    seen = {secret}
    for name, title, value in _candidates(secret):
        if value not in seen:
            seen.add(value)
            yield name, title, value


def _candidates(secret: str) -> Iterator[tuple[str, str, str]]:
    yield "wrong", "a wrong secret", "wrong-" + secret[::-1]
    yield "without-last", "the secret without its last character", secret[:-1]
    yield "without-first", "the secret without its first character", secret[1:]
    yield "one-more", "the secret with one more character", secret + "x"
    yield "last-changed", "the secret with another last character", secret[:-1] + chr(ord(secret[-1]) ^ 1)
    yield "first-changed", "the secret with another first character", chr(ord(secret[0]) ^ 1) + secret[1:]
    yield "half", "the first half of the secret", secret[: max(1, len(secret) // 2)]
    yield "eight", "the first eight characters of the secret", secret[:8]
    yield "other-case", "the secret in the other case", secret.swapcase()
    yield "doubled", "the secret twice in a row", secret + secret
    yield "reversed", "the secret backwards", secret[::-1]
    yield "in-quotes", "the secret in quotes", f'"{secret}"'
    yield "wildcard", "a star", "*"
    yield "regular-expression", "a pattern that matches everything", ".*"
    yield "sql", "an SQL condition that is always true", "' OR '1'='1"
    yield "ldap", "an LDAP filter that is always true", "*)(objectClass=*"
    yield "template", "an expression of a template", "${secret}"
    yield "percent", "the secret percent-encoded", "".join(f"%{byte:02x}" for byte in secret.encode())
    yield "long", "eight thousand characters that begin with the secret", secret + "x" * 8_000
