"""A worker of a command's own."""

from annotation.tasks.embedded import embedded_worker


def test_a_worker_of_our_own_is_at_work_while_it_lives_though_it_answers_nothing_yet():
    with embedded_worker() as somebody_works:
        assert somebody_works()
