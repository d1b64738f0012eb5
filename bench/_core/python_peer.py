"""CPython's asyncio, or uvloop."""

import asyncio
import time


async def spawn(n):
    async def child(result):
        await asyncio.sleep(0)
        return result

    start = time.perf_counter()
    tasks = [asyncio.create_task(child(i)) for i in range(n)]
    total = 0
    for task in tasks:
        total += await task
    return sample(start, total)


async def switch(n):
    counts = [0, 0]
    last = 1

    async def body(me):
        nonlocal last
        for _ in range(n // 2):
            await asyncio.sleep(0)
            if last != me:
                counts[me] += 1
            last = me

    start = time.perf_counter()
    first = asyncio.create_task(body(0))
    second = asyncio.create_task(body(1))
    await first
    await second
    return sample(start, f"{counts[0]}+{counts[1]}")


async def sleep(n):
    async def child(delay):
        await asyncio.sleep(delay / 1000)
        return delay

    delays = seeded_delays(n)
    start = time.perf_counter()
    tasks = [asyncio.create_task(child(delay)) for delay in delays]
    total = 0
    for task in tasks:
        total += await task
    return sample(start, total)


def seeded_delays(n):
    """The same as in work.ts."""
    state = 1
    delays = []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        delays.append(1 + int(state / 2**32 * 100))
    return delays


async def gather(n):
    async def child(result):
        await asyncio.sleep(0)
        return result

    start = time.perf_counter()
    return sample(start, sum(await asyncio.gather(*(child(i) for i in range(n)))))


async def one(n):
    async def child(result):
        await asyncio.sleep(0)
        return result

    start = time.perf_counter()
    total = 0
    for i in range(n):
        total += await asyncio.create_task(child(i))
    return sample(start, total)


async def timeouts(n):
    start = time.perf_counter()
    total = 0
    for i in range(n):
        async with asyncio.timeout(60):
            await asyncio.sleep(0)
            total += i
    return sample(start, total)


def sample(start, check):
    return {"value": (time.perf_counter() - start) * 1000, "check": check}


CONTENDERS = {
    "spawn": {"tasks, await sleep(0)": spawn},
    "one": {"tasks, await sleep(0)": one},
    "gather": {"coroutines, await sleep(0)": gather},
    "switch": {"await sleep(0)": switch},
    "sleep": {"tasks": sleep},
    "timeout": {"await sleep(0)": timeouts},
}
