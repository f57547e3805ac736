"""One function says how to reach the queue, for the web application and the worker alike."""

from mlworker.queue.broker import broker_settings


def test_without_an_address_the_queue_is_files_in_folders_that_exist(tmp_path):
    settings = broker_settings(None, tmp_path / "queue")
    options = settings["broker_transport_options"]

    assert settings["broker_url"].startswith("filesystem://")
    assert options["data_folder_in"] == options["data_folder_out"]
    assert {folder.name for folder in (tmp_path / "queue").iterdir()} == {"messages", "processed", "control"}


def test_with_an_address_it_is_redis_and_no_folder_is_made(tmp_path):
    settings = broker_settings("redis://127.0.0.1:6379/5", tmp_path / "queue", key_prefix="mine:")

    assert settings["broker_url"] == "redis://127.0.0.1:6379/5"
    assert settings["broker_transport_options"]["global_keyprefix"] == "mine:"
    assert settings["broker_transport_options"]["visibility_timeout"] == 3600
    assert not (tmp_path / "queue").exists()


def test_no_message_is_handed_on_while_the_longest_batch_may_still_be_worked_on(tmp_path):
    settings = broker_settings("redis://127.0.0.1:6379/5", tmp_path, longest_batch=5000)

    assert settings["broker_transport_options"]["visibility_timeout"] == 10_000


def test_only_json_crosses_and_nothing_is_kept_as_a_result(tmp_path):
    settings = broker_settings(None, tmp_path)

    assert settings["accept_content"] == ["json"]
    assert settings["task_serializer"] == "json"
    assert settings["result_backend"] is None
    assert settings["task_acks_late"]
    assert settings["task_routes"] == {name: {"queue": "predict"} for name in ("mlworker.predict", "mlworker.embed")}
