"""CPython's asyncio: python.py asyncio|uvloop CASE CONTENDER N, or --version; see worker.ts."""

import asyncio
import json
import math
import os
import platform
import sys
import sysconfig
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
    """The same as in peer.ts."""
    state = 1
    delays = []
    for _ in range(n):
        state = (state * 1664525 + 1013904223) % 2**32
        delays.append(1 + int(state / 2**32 * 100))
    return delays


CONTENDERS = {
    "spawn": {"tasks, await sleep(0)": spawn},
    "switch": {"await sleep(0)": switch},
    "sleep": {"tasks": sleep},
}

ENOUGH = 1
WARM_UP = 0.5
TOO_LONG = {"spawn": 4, "switch": 4, "sleep": 8}


def sample(start, check):
    return {"value": (time.perf_counter() - start) * 1000, "check": check}


def repeat(most, enough, measure):
    samples = []
    start = time.perf_counter()
    while len(samples) < most and time.perf_counter() - start < enough:
        samples.append(measure())
    return samples


def main(peer, case, contender, size):
    if peer == "uvloop":
        import uvloop

        uvloop.install()
    body = CONTENDERS[case][contender]
    start = time.perf_counter()
    asyncio.run(body(size // 10))
    took = (time.perf_counter() - start) * 10
    n = size if took < TOO_LONG[case] else size // 10
    repeat(math.inf, WARM_UP, lambda: asyncio.run(body(n)))
    print(json.dumps({"n": n, "samples": repeat(5, ENOUGH, lambda: asyncio.run(body(n)))}))


def version(peer):
    if peer == "asyncio":
        options = sysconfig.get_config_var("CONFIG_ARGS") or ""
        optimized = os.name == "nt" or "--enable-optimizations" in options
        note = "" if optimized else " (built without --enable-optimizations)"
        return f"CPython {platform.python_version()}{note}"
    import uvloop

    return f"uvloop {uvloop.__version__} on CPython {platform.python_version()}"


if sys.argv[1] == "--version":
    print(version(sys.argv[2]))
else:
    main(*sys.argv[1:4], int(sys.argv[4]))
