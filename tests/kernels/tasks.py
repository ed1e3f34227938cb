"""What the forks of the tests are asked to do."""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
state = {"count": 0}


def prepare(count: int) -> None:
    import numpy  # noqa: F401 (a fork has to seed it anew)

    state["count"] = count


def start_a_thread() -> None:
    threading.Thread(target=time.sleep, args=(5,), daemon=True).start()


def leak() -> int:
    state["count"] += 1
    return state["count"]


def draw() -> tuple[float, float]:
    import numpy

    return random.random(), float(numpy.random.rand())


def raise_what_cannot_be_sent() -> None:
    error = ValueError("no pickle of this")
    error.lock = threading.Lock()
    raise error


def die() -> None:
    os._exit(3)


def square(number: int) -> int:
    return number * number


def work(item: tuple[str, float]) -> str:
    from helpers.kernels import tell

    name, seconds = item
    for step in range(int(seconds / 0.5)):
        time.sleep(0.5)
        if name == "telling":
            tell(step=step)
    return name


def count_neighbours(item: tuple[str, int]) -> int:
    folder, number = Path(item[0]), item[1]
    own = folder / str(number)
    own.touch()
    time.sleep(0.2)
    count = sum(1 for _ in folder.iterdir())
    own.unlink()
    return count
