"""CPython's asyncio, or uvloop."""

import asyncio
import time


async def queue(n):
    queue = asyncio.Queue(100)

    async def produce():
        for i in range(n):
            await queue.put(i)

    start = time.perf_counter()
    producer = asyncio.create_task(produce())
    total = 0
    for _ in range(n):
        total += await queue.get()
    await producer
    return sample(start, total)


async def lock(n, cls):
    lock = cls()
    start = time.perf_counter()
    count = 0
    for _ in range(n):
        await lock.acquire()
        count += 1
        lock.release()
    return sample(start, count)


async def waiters(n):
    semaphore = asyncio.Semaphore(0)
    order = shuffled(n)
    tasks = [asyncio.create_task(semaphore.acquire()) for _ in range(n)]
    await asyncio.sleep(0)
    start = time.perf_counter()
    i = 0
    left = n // 2
    while left:
        task = tasks[order[i]]
        i += 1
        if task.done():
            continue
        task.cancel()
        semaphore.release()
        left -= 1
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    result = sample(start, None)
    cancelled = sum(task.cancelled() for task in tasks)
    served = sum(task.done() for task in tasks) - cancelled
    result["check"] = f"{served}+{cancelled}"
    return result


def shuffled(n):
    """The same as in work.ts."""
    order = list(range(n))
    state = 1
    for i in range(n - 1, 0, -1):
        state = (state * 1664525 + 1013904223) % 2**32
        other = int(state / 2**32 * (i + 1))
        order[i], order[other] = order[other], order[i]
    return order


def locking(cls):
    async def contender(n):
        return await lock(n, cls)

    return contender


def sample(start, check):
    return {"value": (time.perf_counter() - start) * 1000, "check": check}


CONTENDERS = {
    "queue": {"Queue": queue},
    "lock": {
        "Lock": locking(asyncio.Lock),
        "Semaphore": locking(asyncio.Semaphore),
    },
    "waiters": {"1,000 waiters": waiters, "10,000 waiters": waiters},
}
