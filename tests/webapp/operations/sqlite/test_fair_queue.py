"""Whoever came first has it first."""

import threading

from tests.harness.installation import wait_until
from webapp.operations.sqlite.fair_queue import FairQueue

PATIENCE = 60


def test_turns_come_in_the_order_in_which_they_were_asked_for():
    queue, order = FairQueue(), []
    first = queue.take_turn(PATIENCE)

    def wait(number):
        turn = queue.take_turn(PATIENCE)
        order.append(number)
        turn.end()

    threads = [threading.Thread(target=wait, args=[number]) for number in range(20)]
    for number, thread in enumerate(threads):
        thread.start()
        wait_until(lambda number=number: len(queue) == number + 1, "the thread to stand in line")
    first.end()
    for thread in threads:
        thread.join()
    assert order == list(range(20))


def test_whoever_gives_up_waiting_leaves_the_line():
    queue = FairQueue()
    first = queue.take_turn(PATIENCE)
    nothing = queue.take_turn(0.01)
    assert len(queue) == 0
    nothing.end()
    first.end()
    queue.take_turn(0).end()


def test_a_turn_is_handed_on_once_however_often_it_is_ended():
    queue = FairQueue()
    first = queue.take_turn(PATIENCE)
    first.end()
    second = queue.take_turn(PATIENCE)
    first.end()
    third = queue.take_turn(0.01)
    third.end()  # It held nothing.
    assert len(queue) == 0
    second.end()
    fourth = queue.take_turn(0.01)
    assert fourth.holds


def test_a_turn_that_is_dropped_is_handed_on():
    queue = FairQueue()
    queue.take_turn(PATIENCE)
    assert queue.take_turn(0.01).holds
