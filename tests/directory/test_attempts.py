from __future__ import annotations

import asyncio
from datetime import timedelta

from journeyman.directory.attempts import DatabaseAttempts


async def test_a_counter_counts_until_it_expires_or_is_cleared(database, clock):
    attempts = DatabaseAttempts(database, clock)
    end = clock.now() + timedelta(seconds=60)
    counts = [await attempts.count("ada", expires_at=end) for _ in range(3)]
    await attempts.clear("ada")
    after_clear = await attempts.count("ada", expires_at=end)
    clock.move(seconds=60)

    assert counts == [1, 2, 3]
    assert after_clear == 1
    assert await attempts.count("ada", expires_at=end + timedelta(seconds=60)) == 1


async def test_counting_again_does_not_prolong_a_counter(database, clock):
    attempts = DatabaseAttempts(database, clock)
    await attempts.count("ada", expires_at=clock.now() + timedelta(seconds=60))
    await attempts.count("ada", expires_at=clock.now() + timedelta(days=1))
    clock.move(seconds=60)

    assert await attempts.count("ada", expires_at=clock.now() + timedelta(seconds=60)) == 1


async def test_accounts_do_not_share_a_counter_and_parallel_attempts_are_all_counted(database, clock):
    attempts = DatabaseAttempts(database, clock)
    end = clock.now() + timedelta(seconds=60)
    counts = await asyncio.gather(*(attempts.count("ada", expires_at=end) for _ in range(20)))

    assert sorted(counts) == list(range(1, 21))
    assert await attempts.count("bob", expires_at=end) == 1
