"""Fifty requests a second, however long each one travels (R23)."""

from __future__ import annotations

import asyncio

from bot.platforms.discord.global_limit import GlobalLimit


def waits(limit: GlobalLimit) -> asyncio.Task[None]:
    return asyncio.get_running_loop().create_task(limit.take())


async def test_r23_no_more_places_than_the_limit_are_given_at_once() -> None:
    limit = GlobalLimit(per_second=5)
    for _ in range(5):
        await limit.take()
    late = waits(limit)
    done, _ = await asyncio.wait({late}, timeout=0.3)
    assert not done
    late.cancel()


async def test_r23_a_place_is_free_again_a_second_after_its_answer() -> None:
    loop = asyncio.get_running_loop()
    limit = GlobalLimit(per_second=2)
    await limit.take()
    await limit.take()
    limit.give_back()
    answered = loop.time()
    await limit.take()
    assert loop.time() - answered >= 1.0


async def test_r23_arrivals_of_any_second_stay_within_the_limit_whatever_the_delays() -> None:
    limit, arrivals = GlobalLimit(per_second=10), []
    loop = asyncio.get_running_loop()

    async def request(delay: float) -> None:
        await limit.take()
        arrived: asyncio.Future[None] = loop.create_future()
        loop.call_later(delay, arrived.set_result, None)
        await arrived
        arrivals.append(loop.time())
        limit.give_back()

    await asyncio.gather(*(request((n * 7 % 5) * 0.04) for n in range(30)))
    arrivals.sort()
    assert all(
        later - earlier > 1.0 for earlier, later in zip(arrivals, arrivals[10:], strict=False)
    )


async def test_r23_who_gives_up_waiting_takes_no_place() -> None:
    limit = GlobalLimit(per_second=1)
    await limit.take()
    given_up, patient = waits(limit), waits(limit)
    await asyncio.wait({given_up, patient}, timeout=0.01)
    given_up.cancel()
    limit.give_back()
    await asyncio.wait_for(patient, 3)
