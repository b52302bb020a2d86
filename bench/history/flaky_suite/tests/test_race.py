"""Time: these lose a race on a busy machine."""

import asyncio
import threading
import time

from shop import work


def test_mail():
    outbox = []
    work.send(outbox)
    time.sleep(0.05)
    assert outbox == ["mail"]


def test_stock():
    stock = work.Stock()
    threads = [threading.Thread(target=stock.add) for _ in range(2)]
    threads[0].start()
    time.sleep(0.02)
    threads[1].start()
    for thread in threads:
        thread.join()
    assert stock.count == 2


def test_job():
    assert work.jobs().get(timeout=0.05) == "job"


def test_answer():
    assert asyncio.run(asyncio.wait_for(work.answer(), 0.05)) == "yes"
