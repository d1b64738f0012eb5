"""CPython's two executors: calls a second of a function that does nothing, 1,000 in flight."""
import concurrent.futures as cf
import json
import sys
import time


def noop(value):
    return value


def measure(pool, total):
    pending = set()
    next_id = 0
    begin = time.perf_counter()
    while next_id < total or pending:
        while next_id < total and len(pending) < 1000:
            pending.add(pool.submit(noop, next_id))
            next_id += 1
        _, pending = cf.wait(pending, return_when=cf.FIRST_COMPLETED)
        if time.perf_counter() - begin > 1:
            total = next_id
    return next_id / (time.perf_counter() - begin) / 1000


if __name__ == "__main__":
    kind = sys.argv[1]
    make = cf.ThreadPoolExecutor if kind == "threads" else cf.ProcessPoolExecutor
    with make(2) as pool:
        measure(pool, 2000)
        print(json.dumps({"value": measure(pool, 100_000)}))
