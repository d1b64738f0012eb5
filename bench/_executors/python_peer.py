"""CPython's two executors: calls of a function that does nothing, 1,000 in flight."""

import concurrent.futures
import time


def noop(value):
    return value


def throughput(pool, milliseconds):
    pending = set()
    count = 0
    wrong = 0
    begin = time.perf_counter()
    is_over = False
    while not is_over or pending:
        while not is_over and len(pending) < 1000:
            pending.add(pool.submit(noop, count))
            count += 1
        done, pending = concurrent.futures.wait(
            pending, return_when=concurrent.futures.FIRST_COMPLETED
        )
        wrong += sum(not isinstance(future.result(), int) for future in done)
        is_over = time.perf_counter() - begin > milliseconds / 1000
    return {"value": (time.perf_counter() - begin) * 1000, "n": count, "check": wrong}


def contender(make):
    def measure(milliseconds):
        with make(2) as pool:
            throughput(pool, milliseconds / 2)
            return throughput(pool, milliseconds)

    return measure


CONTENDERS = {
    "noop": {"ThreadPoolExecutor": contender(concurrent.futures.ThreadPoolExecutor)},
    "process": {"ProcessPoolExecutor": contender(concurrent.futures.ProcessPoolExecutor)},
}
