"""Runs one contender: python.py SUBJECT CASE PEER CONTENDER PLAN, or --version PEER; see worker.ts.

The contenders are in `_SUBJECT/python.py`: functions that take a number and return a sample, or
coroutine functions that do.
"""

import asyncio
import importlib
import inspect
import json
import math
import os
import platform
import sys
import sysconfig
import time


def repeat(most, enough, measure):
    samples = []
    start = time.perf_counter()
    while len(samples) < most and (not samples or time.perf_counter() - start < enough / 1000):
        samples.append(measure())
    return samples


def measure(contender, plan):
    def once(n):
        return asyncio.run(contender(n)) if inspect.iscoroutinefunction(contender) else contender(n)

    n = plan["size"]
    if plan["patience"] is not None:
        start = time.perf_counter()
        once(n // 10)
        if (time.perf_counter() - start) * 10_000 >= plan["patience"]:
            n //= 10
    if plan["once"]:
        return {"n": n, "samples": [once(n)]}
    repeat(math.inf, plan["warmUp"], lambda: once(n))
    return {"n": n, "samples": repeat(plan["most"], plan["enough"], lambda: once(n))}


def main(subject, case, peer, contender, plan):
    if peer == "uvloop":
        import uvloop

        uvloop.install()
    sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(__file__)), "_" + subject))
    contenders = importlib.import_module("python_peer").CONTENDERS
    print(json.dumps(measure(contenders[case][contender], json.loads(plan))))


def version(peer):
    if peer != "uvloop":
        options = sysconfig.get_config_var("CONFIG_ARGS") or ""
        optimized = os.name == "nt" or "--enable-optimizations" in options
        note = "" if optimized else " (built without --enable-optimizations)"
        return f"CPython {platform.python_version()}{note}"
    import uvloop

    return f"uvloop {uvloop.__version__} on CPython {platform.python_version()}"


if __name__ == "__main__":
    if sys.argv[1] == "--version":
        print(version(sys.argv[2]))
    else:
        main(*sys.argv[1:])
