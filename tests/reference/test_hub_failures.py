"""Servers and networks that fail, and come back or do not: named, bounded, nothing spoiled."""

import os
import socket
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from hub_server import SIGNATURE, Answer, body, cut, on, refuse
from hub_tools import (  # noqa: F401
    INFO, LARGE, WEIGHTS, error_of, hub, nothing_half_done, pull, repository, weights_of,
)  # fmt: skip


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
@pytest.mark.parametrize("part", [INFO, "config.json", "model.safetensors", SIGNATURE])
def test_what_may_pass_is_waited_for(hub, repository, pull, status, part):
    hub.rules.append(on(part, refuse(status), times=2))
    assert weights_of(pull("org/name")) == WEIGHTS
    assert len([one for one in hub.log if part in one.path]) >= 3


@pytest.mark.parametrize("part", [INFO, LARGE, SIGNATURE])
@pytest.mark.parametrize("retries", [0, 1, 3])
def test_nobody_is_asked_for_ever(hub, repository, pull, part, retries):
    hub.rules.append(on(part, refuse(503)))
    told = error_of(pull("org/name", retries=retries))
    assert told["code"] == "io" and "answers 503" in told["message"]
    method = "HEAD" if part == LARGE else "GET"
    assert len(hub.requests(method, part)) == retries + 1


@pytest.mark.parametrize("part", [INFO, SIGNATURE])
def test_a_server_says_how_long_to_wait(hub, repository, pull, part):
    dates = iter([formatdate(time.time() + 3, usegmt=True)])
    for told in ("1", next(dates)):
        hub.forget()
        hub.rules[:] = [on(part, refuse(429, Retry_After=told), times=1)]
        begin = time.monotonic()
        answer = pull("org/name")
        assert weights_of(answer) == WEIGHTS
        assert time.monotonic() - begin >= 0.9
        Path(answer["value"]["folder"], "model.safetensors").resolve().unlink()


@pytest.mark.parametrize("part", [INFO, SIGNATURE])
def test_a_wait_too_long_is_told_instead(hub, repository, pull, part):
    hub.rules.append(on(part, refuse(429, Retry_After="86400")))
    told = error_of(pull("org/name"))
    assert "429" in told["message"] and "pull again later" in told["message"]
    assert len(hub.requests("GET", part)) == 1


@pytest.mark.parametrize("at", [0, 1, 1000, len(WEIGHTS) - 1])
def test_a_cut_connection_is_resumed(hub, repository, pull, at):
    hub.rules.append(on(SIGNATURE, cut(at), times=2))
    assert weights_of(pull("org/name")) == WEIGHTS
    asked = [one.headers.get("range") for one in hub.requests("GET", SIGNATURE)]
    offsets = [offset for offset in (0, at, 2 * at) if offset < len(WEIGHTS)]
    assert asked == [f"bytes={offset}-" if offset else None for offset in offsets]


def test_a_connection_that_ends_behind_the_last_byte(hub, repository, pull):
    """More was announced than is there, but what is there is all."""
    announced = {"Content-Length": str(len(WEIGHTS) + 1), "Content-Encoding": "none-that-we-know"}
    hub.rules.append(on(SIGNATURE, lambda q, a: Answer(200, announced, WEIGHTS, cut_at=len(WEIGHTS))))
    assert weights_of(pull("org/name", retries=0)) == WEIGHTS


def test_a_cut_that_brings_something_each_time_is_no_end(hub, pull):
    """More cuts than retries, but each try is worth it."""
    weights = os.urandom(8 << 20)
    hub.add("org/name", {"config.json": b"{}", "model.safetensors": weights})
    hub.rules.append(on(SIGNATURE, cut(1 << 20)))
    assert weights_of(pull("org/name", retries=1)) == weights
    assert len(hub.requests("GET", SIGNATURE)) == 8


def test_a_cut_that_brings_nothing_is_the_end(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, cut(0)))
    told = error_of(pull("org/name", retries=3))
    assert told["code"] == "io" and "what is there is kept" in told["message"]
    assert "model.safetensors" in told["context"]
    assert len(hub.requests("GET", SIGNATURE)) == 4


def test_a_cut_of_the_list_of_files(hub, repository, pull):
    hub.rules.append(on(INFO, cut(50), times=2))
    assert weights_of(pull("org/name")) == WEIGHTS


def test_the_next_pull_goes_on(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, cut(400_000)))
    error_of(pull("org/name", retries=0))
    assert nothing_half_done(pull.home)
    hub.rules.clear()
    hub.forget()
    assert weights_of(pull("org/name")) == WEIGHTS
    assert [one.headers["range"] for one in hub.requests("GET", SIGNATURE)] == ["bytes=400000-"]


def test_a_server_without_ranges(hub, repository, pull):
    def whole(request, answer: Answer) -> Answer:
        return Answer(200, {}, WEIGHTS, cut_at=answer.cut_at)

    hub.rules += [on(SIGNATURE, whole), on(SIGNATURE, cut(500_000), times=1)]
    assert weights_of(pull("org/name")) == WEIGHTS
    assert [one.headers.get("range") for one in hub.requests("GET", SIGNATURE)] == [None, "bytes=500000-"]


def test_a_server_with_other_ranges_than_asked_for(hub, repository, pull):
    def shifted(request, answer: Answer) -> Answer | None:
        if answer.status != 206:
            return None
        begin = request.start - 7
        span = {"Content-Range": f"bytes {begin}-{len(WEIGHTS) - 1}/{len(WEIGHTS)}"}
        return Answer(206, span, WEIGHTS[begin:])

    hub.rules += [on(SIGNATURE, cut(500_000), times=1), on(SIGNATURE, shifted)]
    assert weights_of(pull("org/name")) == WEIGHTS
    asked = [one.headers.get("range") for one in hub.requests("GET", SIGNATURE)]
    assert asked == [None, "bytes=500000-", None]


def test_a_server_that_does_not_have_the_rest(hub, repository, pull):
    hub.rules += [
        on(SIGNATURE, cut(500_000), times=1),
        lambda q, a: Answer(416) if "range" in q.headers else None,
    ]
    assert weights_of(pull("org/name")) == WEIGHTS


def test_a_body_without_a_length(hub, repository, pull):
    """Its end may be a cut: then the rest is asked for."""
    hub.rules += [
        on(SIGNATURE, body(lambda whole: whole[:300_000], tells_length=False), times=1),
        on(SIGNATURE, body(lambda rest: rest, tells_length=False)),
    ]
    assert weights_of(pull("org/name")) == WEIGHTS
    assert hub.requests("GET", SIGNATURE)[1].headers["range"] == "bytes=300000-"


def test_a_silent_server_is_given_up(hub, repository, pull):
    def silence(request, answer: Answer) -> Answer:
        answer.pause = 5
        return answer

    hub.rules.append(on(SIGNATURE, silence, times=1))
    begin = time.monotonic()
    assert weights_of(pull("org/name", environment={"HF_HUB_DOWNLOAD_TIMEOUT": 1})) == WEIGHTS
    assert time.monotonic() - begin < 5
    hub.rules[:] = [on(INFO, silence)]
    told = error_of(pull("org/name", retries=1, environment={"HF_HUB_ETAG_TIMEOUT": 1}))
    assert told["code"] == "io" and hub.endpoint in told["message"]


def test_a_slow_server_is_not_given_up(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.2)))
    assert weights_of(pull("org/name", retries=0, environment={"HF_HUB_DOWNLOAD_TIMEOUT": 1})) == WEIGHTS


def test_no_server_at_all(hub, pull):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    begin = time.monotonic()
    for endpoint in (f"http://127.0.0.1:{port}", "http://no-such-host.invalid"):
        told = error_of(pull("org/name", retries=5, first_pause_seconds=5, environment={"HF_ENDPOINT": endpoint}))
        assert told["code"] == "io"
        for part in (endpoint, "HF_ENDPOINT", "prox"):
            assert part in told["message"]
    assert time.monotonic() - begin < 5


def test_a_server_that_goes_away(hub, repository, pull):
    def leave(request, answer: Answer) -> Answer:
        hub.rules.clear()
        hub._servers["cdn"].socket.close()
        return answer

    hub.rules.append(on(INFO, leave))
    told = error_of(pull("org/name", retries=1))
    assert told["code"] == "io" and "what is there is kept" in told["message"]
