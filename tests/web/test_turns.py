"""Requests that touch the same thing wait for each other."""

import asyncio
import gc

from journeyman.web.turns import Turns


async def test_one_after_the_other_for_each_name():
    turns, order = Turns(), []

    async def work(name, number):
        async with turns.of(name):
            order.append(("begin", name, number))
            await asyncio.sleep(0)
            order.append(("end", name, number))

    await asyncio.gather(work("a", 1), work("a", 2), work("b", 3))

    own = [entry for entry in order if entry[1] == "a"]
    assert own == [("begin", "a", 1), ("end", "a", 1), ("begin", "a", 2), ("end", "a", 2)]
    assert order.index(("begin", "b", 3)) < order.index(("end", "a", 1))


async def test_names_are_forgotten():
    turns = Turns()
    async with turns.of("a"):
        pass
    gc.collect()

    assert len(turns._locks) == 0
