"""Servers, networks and disks that do not do what they should: named, bounded, nothing spoiled."""

import hashlib
import json
import os
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hub_server import GOOD_TOKEN, SIGNATURE, Answer, body, cut, on, refuse, running_hub, with_headers
from hub_tools import Puller, hub, kill, pull, tree  # noqa: F401

WEIGHTS = bytes(range(256)) * 4096  # 1 MiB
DIGEST = hashlib.sha256(WEIGHTS).hexdigest()
FILES = {"config.json": b"{}", "model.safetensors": WEIGHTS}
LARGE = "/org/name/resolve"
INFO = "/api/models"


@pytest.fixture
def repository(hub):
    return hub.add("org/name", dict(FILES))


def error_of(answer: dict) -> dict:
    assert "error" in answer, answer
    return answer["error"]


def weights_of(answer: dict) -> bytes:
    assert "value" in answer, answer
    return (Path(answer["value"]["folder"]) / "model.safetensors").read_bytes()


def nothing_half_done(folder: Path) -> bool:
    """No file in its place but whole ones, and no beginning that is not one."""
    snapshots = [path for path in folder.rglob("snapshots/*/*")]
    parts = [path for path in folder.rglob("*.incomplete")]
    whole = all(path.read_bytes() == FILES[path.name] for path in snapshots)
    return whole and all(WEIGHTS.startswith(path.read_bytes()) for path in parts)


# ---- who may have what


def test_a_repository_that_is_not_there(hub, pull):
    told = error_of(pull("org/nome"))
    assert told["code"] == "not_found" and told["context"] == "org/nome"
    assert "no such repository" in told["message"] and "HF_TOKEN" in told["message"]
    told = error_of(pull("org/nome", environment={"HF_TOKEN": GOOD_TOKEN}))
    assert told["code"] == "not_found" and "no such repository" in told["message"]
    assert not pull.home.exists()


@pytest.mark.parametrize("revision", ["v9", "refs/pr/9", "f" * 40])
def test_a_revision_that_is_not_there(repository, pull, revision):
    told = error_of(pull("org/name", revision=revision))
    assert told["code"] == "not_found" and f'no revision "{revision}"' in told["message"]
    assert "repository, or" not in told["message"] and not pull.home.exists()


def test_a_private_repository(hub, pull):
    hub.add("org/name", FILES, private=True)
    assert "HF_TOKEN" in error_of(pull("org/name"))["message"]
    assert weights_of(pull("org/name", environment={"HF_TOKEN": GOOD_TOKEN})) == WEIGHTS


def test_a_gated_repository(hub, pull):
    hub.add("org/name", FILES, gated=True)
    told = error_of(pull("org/name"))
    for part in ("is gated", f"accept its terms at {hub.endpoint}/org/name", "set HF_TOKEN"):
        assert part in told["message"]
    told = error_of(pull("org/name", environment={"HF_TOKEN": "hf_other"}))
    for part in ("is gated", f"accept its terms at {hub.endpoint}/org/name", "token of HF_TOKEN"):
        assert part in told["message"]
    assert weights_of(pull("org/name", environment={"HF_TOKEN": GOOD_TOKEN})) == WEIGHTS


def test_a_token_that_is_wrong(repository, pull):
    pull.home.mkdir()
    (pull.home / "token").write_text("hf_bad\n")
    told = error_of(pull("org/name"))
    assert "does not take the token" in told["message"]
    assert str(pull.home / "token") in told["message"] and "hf_bad" not in json.dumps(told)


@pytest.mark.parametrize("status", [403, 410, 418, 451])
def test_other_refusals_say_what_the_server_says(repository, pull, hub, status):
    hub.rules.append(on(INFO, refuse(status, X_Error_Message="Not \x1b[31mtoday")))
    told = error_of(pull("org/name"))
    assert told["code"] == "io" and str(status) in told["message"]
    assert "Not \\x1b[31mtoday" in told["message"] and len(hub.log) == 1


def test_the_token_goes_to_the_hub_alone(hub, pull):
    hub.add("org/name", FILES, gated=True)
    pull("org/name", environment={"HF_TOKEN": GOOD_TOKEN})
    tokens = {server: set() for server in ("hub", "cdn")}
    for one in hub.log:
        tokens[one.server].add(one.headers.get("authorization"))
    assert tokens == {"hub": {f"Bearer {GOOD_TOKEN}"}, "cdn": {None}}


@pytest.mark.parametrize("part", [INFO, "config.json", "model.safetensors"])
def test_no_redirect_takes_the_token_along(hub, repository, pull, part):
    def away(request, answer: Answer) -> Answer:
        return Answer(302, answer.headers | {"Location": f"{hub.cdn}/elsewhere"})

    hub.rules.append(lambda q, a: away(q, a) if part in q.path and q.server == "hub" else None)
    pull("org/name", environment={"HF_TOKEN": GOOD_TOKEN})
    elsewhere = [one for one in hub.log if one.server == "cdn"]
    assert elsewhere and not any("authorization" in one.headers for one in elsewhere)


# ---- servers that fail and come back


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
    assert asked == [None, f"bytes={at}-" if at else None, f"bytes={min(2 * at, len(WEIGHTS))}-" if at else None][
        : len(asked)
    ]


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


# ---- contents that are not what the hub says


def flipped(whole: bytes) -> bytes:
    return whole[:-1] + bytes([whole[-1] ^ 1])


@pytest.mark.parametrize("part", [SIGNATURE, "resolve-cache"])
def test_a_wrong_digest(hub, repository, pull, part):
    hub.rules.append(on(part, body(flipped), method="GET"))
    told = error_of(pull("org/name"))
    name = "model.safetensors" if part == SIGNATURE else "config.json"
    assert told["code"] == "invalid_data" and told["context"] == f"org/name: {name}"
    assert "digest" in told["message"] and "pull again" in told["message"]
    assert repository.etag(name) in told["message"]
    assert nothing_half_done(pull.home) and not list(pull.home.rglob("*.incomplete"))
    assert not list(pull.home.rglob(name))
    assert len(hub.requests("GET", part)) == 1
    hub.rules.clear()
    assert weights_of(pull("org/name")) == WEIGHTS


def test_a_wrong_digest_in_a_folder(hub, repository, pull, tmp_path):
    hub.rules.append(on(SIGNATURE, body(flipped)))
    error_of(pull("org/name", into=str(tmp_path / "plain")))
    left = [path.name for path in (tmp_path / "plain").rglob("*") if "safetensors" in path.name]
    assert left == ["model.safetensors.lock"]


@pytest.mark.parametrize("begun", [b"x" * 1000, b"x" * len(WEIGHTS), b"x" * (len(WEIGHTS) + 9)])
def test_a_beginning_that_is_not_this_file_s(hub, repository, pull, begun):
    """hf_xet and hf_transfer write into the same name, not from front to back."""
    part = pull.cache / f"models--org--name/blobs/{DIGEST}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(begun)
    assert weights_of(pull("org/name")) == WEIGHTS
    assert not part.exists()


def test_a_beginning_that_is_all_of_it(hub, repository, pull):
    part = pull.cache / f"models--org--name/blobs/{DIGEST}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(WEIGHTS)
    assert weights_of(pull("org/name")) == WEIGHTS
    assert not hub.requests("GET", SIGNATURE)


@pytest.mark.parametrize("size", [1, len(WEIGHTS) - 1, len(WEIGHTS) + 1])
def test_a_wrong_size(hub, repository, pull, size):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Size=str(size))))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "model.safetensors" in told["context"]
    assert str(size) in told["message"] and str(len(WEIGHTS)) in told["message"]
    assert not list(pull.home.rglob("*.incomplete"))


def test_more_than_there_is(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole * 20, tells_length=False)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and str(len(WEIGHTS)) in told["message"]
    assert not list(pull.home.rglob("*.incomplete"))


@pytest.mark.parametrize("name", ["X_Repo_Commit", "X_Linked_Etag", "X_Linked_Size"])
def test_a_header_that_is_missing(hub, repository, pull, name):
    hub.rules.append(on("model.safetensors", with_headers(**{name: None})))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and told["context"] == "org/name: model.safetensors"
    word = {"X_Repo_Commit": "X-Repo-Commit", "X_Linked_Etag": "ETag", "X_Linked_Size": "size"}[name]
    assert word in told["message"] and "HF_ENDPOINT" in told["message"]
    assert not hub.requests("GET", SIGNATURE)


@pytest.mark.parametrize("size", ["", "-1", "1e3", "12 MB", "0x10", "99999999999999999999999", "9" * 18])
def test_a_size_that_is_none(hub, repository, pull, size):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Size=size)))
    assert "size" in error_of(pull("org/name"))["message"]


@pytest.mark.parametrize(
    "etag",
    ['"../../evil"', '"/etc/passwd"', '""', '"abc-2"', f'"{DIGEST}x"', f'"{DIGEST.upper()}"', '"' + "a" * 5000 + '"'],
)
def test_an_etag_that_is_no_digest(hub, repository, pull, tmp_path, etag):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Etag=etag, ETag=etag)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "ETag" in told["message"] and len(told["message"]) < 500
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("etag", ["W/\"{}\"", "{}", '"{}"'])
def test_etags_in_every_spelling(hub, repository, pull, etag):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Etag=etag.format(DIGEST))))
    assert weights_of(pull("org/name")) == WEIGHTS


def test_an_answer_about_another_commit(hub, repository, pull):
    hub.rules.append(on("config.json", with_headers(X_Repo_Commit="b" * 40)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "commit" in told["message"]


@pytest.mark.parametrize(
    "contents",
    [
        b"<html>Log in to the hotel's network</html>",
        b"",
        b"[]",
        b"3",
        b"null",
        b"{}",
        b'{"sha": 3}',
        b'{"sha": "../../../x"}',
        b'{"sha": "main"}',
        b'{"sha": "' + b"A" * 40 + b'"}',
        b"[" * 100_000,
        b'{"sha": "\xff"}',
    ],
)
def test_an_answer_that_is_no_hub_s(hub, repository, pull, contents):
    hub.rules.append(on(INFO, lambda request, answer: Answer(200, {}, contents)))
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "HF_ENDPOINT" in told["message"]
    assert not pull.home.exists()


@pytest.mark.parametrize("siblings", ["null", "3", '"x"', "[]", "[3, null, {}, {\"rfilename\": 3}]", '{"a": {}}'])
def test_a_list_of_files_that_is_none(hub, repository, pull, siblings):
    contents = f'{{"sha": "{repository.commit}", "siblings": {siblings}}}'.encode()
    hub.rules.append(on(INFO, lambda request, answer: Answer(200, {}, contents)))
    assert "the repository is empty" in error_of(pull("org/name"))["message"]


def test_a_list_of_files_without_end(hub, repository, pull):
    contents = b'{"sha": "' + b"x" * (80 << 20)
    hub.rules.append(on(INFO, lambda request, answer: Answer(200, {}, contents)))
    assert "too long" in error_of(pull("org/name"))["message"]


def test_an_error_page_without_end(hub, repository, pull):
    hub.rules.append(on(INFO, lambda request, answer: Answer(404, {}, b"x" * (8 << 20))))
    assert error_of(pull("org/name"))["code"] == "not_found"


# ---- names that lead out of the folder

HOSTILE = ["../evil.safetensors", "/tmp/evil.safetensors", "a/../../evil.safetensors", "a\0.pt", "a\n.pt", "\x1b.pt", ".", ""]


@pytest.mark.parametrize("into", [False, True])
def test_hostile_names_are_not_there(hub, pull, tmp_path, into):
    files = dict(FILES) | {name: b"evil" for name in HOSTILE}
    hub.add("org/name", files)
    options = {"into": str(tmp_path / "plain")} if into else {}
    assert set(pull("org/name", **options)["value"]["files"]) == set(FILES)
    for name in HOSTILE:
        told = error_of(pull("org/name", weights=[name], **options))
        assert told["code"] == "not_found"
    assert not list(tmp_path.rglob("*evil*")) and not Path("/tmp/evil.safetensors").exists()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_index(hub, pull, tmp_path, name):
    index = json.dumps({"weight_map": {"a": name}}).encode()
    hub.add("org/name", {"model.safetensors.index.json": index, name: b"evil", "config.json": b"{}"})
    told = error_of(pull("org/name"))
    assert told["code"] == "invalid_data" and "index.json" in told["context"]
    assert "\n" not in told["message"] and "\x1b" not in told["message"]
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("index", [b"", b"[]", b"{}", b'{"weight_map": {}}', b'{"weight_map": {"a": 1}}'])
def test_an_index_that_is_none(hub, pull, index):
    hub.add("org/name", {"model.safetensors.index.json": index, "config.json": b"{}"})
    assert "index.json" in error_of(pull("org/name"))["context"]


def test_an_index_of_files_that_are_not_there(hub, pull):
    index = json.dumps({"weight_map": {"a": "gone.safetensors"}}).encode()
    hub.add("org/name", {"model.safetensors.index.json": index})
    assert "gone.safetensors" in error_of(pull("org/name"))["message"]


def test_a_file_that_is_listed_and_not_there(hub, pull):
    hub.add("org/name", FILES, listed=[*FILES, "tokenizer.json"])
    told = error_of(pull("org/name"))
    assert told["code"] == "not_found" and told["context"] == "org/name: tokenizer.json"


# ---- redirects


@pytest.mark.parametrize("part", [INFO, "config.json", "model.safetensors"])
def test_redirects_in_a_ring(hub, repository, pull, part):
    def ring(request, answer: Answer) -> Answer:
        return Answer(302, answer.headers | {"Location": request.path})

    hub.rules.append(on(part, ring))
    told = error_of(pull("org/name"))
    assert told["code"] == "io" and "redirects more than" in told["message"]
    assert len(hub.requests("", part)) <= 12


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://x", "javascript:x", "http://"])
@pytest.mark.parametrize("part", [INFO, "model.safetensors"])
def test_redirects_to_other_kinds_of_addresses(hub, repository, pull, part, target):
    hub.rules.append(on(part, with_headers(Location=target), method="GET"))
    if part == INFO:
        hub.rules.append(on(part, lambda request, answer: Answer(302, answer.headers)))
    told = error_of(pull("org/name"))
    assert told["code"] == "io" and "does not follow" in told["message"]


def test_a_redirect_to_nowhere(hub, repository, pull):
    hub.rules.append(on("model.safetensors", with_headers(Location=None)))
    told = error_of(pull("org/name"))
    assert told["code"] == "io" and "302" in told["message"]


def test_signed_addresses_are_not_shown(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, refuse(403)))
    told = error_of(pull("org/name"))
    assert hub.cdn in told["message"] and "Signature" not in json.dumps(told)


# ---- the way there


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=hub",
               "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", path, "-out", path.with_suffix(".crt")]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + path.with_suffix(".crt").read_bytes())
    return path


def test_certificates_are_checked(tools, tmp_path, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with running_hub(context) as hub:
        hub.add("org/name", FILES)
        pull = Puller(tools / "hub_probe", hub, tmp_path)
        told = error_of(pull("org/name"))
        assert told["code"] == "io" and "SSL_CERT_FILE" in told["message"] and hub.log == []
        for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
            answer = pull("org/name", environment={name: certificate.with_suffix(".crt")})
            assert weights_of(answer) == WEIGHTS
        # What is asked for safely is not fetched any less so.
        plain = hub.endpoint.replace("https", "http")
        hub.rules.append(on(INFO, lambda request, answer: Answer(302, {"Location": plain + "/x"})))
        told = error_of(pull("org/name", environment={"SSL_CERT_FILE": certificate.with_suffix(".crt")}))
        assert "does not follow" in told["message"]


def test_proxy_variables(hub, repository, pull):
    asked = []

    class Proxy(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            asked.append(self.path)
            self.send_response(503)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Proxy) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        proxies = {"http_proxy": f"http://127.0.0.1:{proxy.server_port}"}
        hidden = proxies | {"HF_ENDPOINT": "http://hub.invalid"}
        assert "503" in error_of(pull("org/name", retries=0, environment=hidden))["message"]
        assert asked == ["http://hub.invalid/api/models/org/name/revision/main"]
        around = proxies | {"no_proxy": "127.0.0.1,localhost"}
        assert weights_of(pull("org/name", environment=around)) == WEIGHTS
        assert len(asked) == 1
        proxy.shutdown()


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_means_offline(hub, repository, pull, name):
    for value in ("1", "on", "YES", "True"):
        told = error_of(pull("org/name", environment={name: value}))
        assert told["code"] == "io" and f"{name}={value}" in told["message"]
    assert hub.log == []
    for value in ("0", "off", ""):
        assert weights_of(pull("org/name", environment={name: value})) == WEIGHTS


# ---- what the caller asks for


@pytest.mark.parametrize("text", ["", "/", "a/b/c", "a b", "../x", "a/..", "https://huggingface.co/a/b", "a/b@", "a@../x"])
def test_an_id_that_is_none(hub, pull, text):
    assert error_of(pull(text))["code"] == "invalid_argument" and hub.log == []


@pytest.mark.parametrize("revision", ["..", "a..b", "/x", "x/", "a//b", "-x", "a b", "a\nb", "$(x)", "@"])
def test_a_revision_that_is_none(hub, pull, revision):
    assert error_of(pull("org/name", revision=revision))["code"] == "invalid_argument" and hub.log == []


def test_a_revision_given_twice(hub, pull):
    assert "twice" in error_of(pull("org/name@main", revision="main"))["message"]


def test_weights_that_are_not_there(hub, repository, pull):
    told = error_of(pull("org/name", weights=["other.safetensors"]))
    assert told["code"] == "not_found" and '"model.safetensors"' in told["message"]


# ---- disks

NOBODY = 65534


@pytest.fixture
def outsider(hub, tools):
    """Pulls as somebody who may not write everywhere, as root may, from where he may read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        program = shutil.copy(tools / "hub_probe", folder)
        yield Puller(program, hub, folder / "home")


def as_nobody() -> dict:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


def result_of(process) -> dict:
    output, _ = process.communicate(timeout=60)
    return json.loads(output)


@pytest.mark.parametrize("into", [False, True])
def test_a_folder_that_may_not_be_written(hub, repository, outsider, into):
    locked = outsider.home
    locked.mkdir(mode=0o555)
    options = {"into": locked / "x"} if into else {"environment": {"HF_HUB_CACHE": locked / "x"}}
    told = error_of(result_of(outsider.start("org/name", popen=as_nobody(), **options)))
    assert told["code"] == "io" and str(locked) in told["context"] and "--into" in told["message"]
    assert not [one for one in hub.requests("GET") if INFO not in one.path]


@pytest.mark.parametrize("into", [False, True])
def test_a_folder_that_is_a_file(hub, repository, pull, tmp_path, into):
    (tmp_path / "file").write_text("")
    place = tmp_path / "file"
    options = {"into": str(place)} if into else {"environment": {"HF_HUB_CACHE": place}}
    assert str(place) in error_of(pull("org/name", **options))["context"]
    assert not [one for one in hub.requests("GET") if INFO not in one.path]


@pytest.mark.parametrize("into", [False, True])
def test_a_disk_that_is_too_small_is_known_before(hub, repository, pull, tmp_path, into):
    hub.rules.append(on("model.safetensors", with_headers(X_Linked_Size="900000000000000")))
    told = error_of(pull("org/name", **({"into": str(tmp_path / "x/y")} if into else {})))
    assert told["code"] == "io" and "900 TB" in told["message"] and "free" in told["message"]
    assert not [one for one in hub.requests("GET") if INFO not in one.path]


def test_a_disk_that_runs_full(hub, repository, pull):
    limits = {
        "preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)),
        "restore_signals": False,  # Python ignores SIGXFSZ, and so does what it starts
    }
    told = error_of(result_of(pull.start("org/name", popen=limits)))
    assert told["code"] == "io" and "make room" in told["message"] and DIGEST in told["context"]
    assert nothing_half_done(pull.home)
    assert weights_of(pull("org/name")) == WEIGHTS
    assert hub.requests("GET", SIGNATURE)[-1].headers["range"] == "bytes=300000-"


def test_a_cache_that_is_read_only_and_has_it_all(hub, repository, outsider):
    outsider("org/name")
    folders = [path for path in (outsider.home, *outsider.home.rglob("*")) if path.is_dir()]
    for path in folders:
        path.chmod(0o555)
    assert weights_of(result_of(outsider.start("org/name", popen=as_nobody()))) == WEIGHTS
    for path in folders:
        path.chmod(0o755)


# ---- several at once


@pytest.mark.parametrize("into", [False, True])
def test_many_at_once_fetch_it_once(hub, repository, pull, tmp_path, into):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.02)))
    options = {"into": tmp_path / "plain"} if into else {}
    processes = [pull.start("org/name", **options) for _ in range(4)]
    assert [weights_of(result_of(process)) for process in processes] == [WEIGHTS] * 4
    assert len(hub.requests("GET", SIGNATURE)) == 1


def test_one_that_is_killed_leaves_the_rest_to_the_other(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.05)))
    first = pull.start("org/name")
    while not list(pull.home.rglob(f"{DIGEST}.incomplete")):
        time.sleep(0.01)
    second = pull.start("org/name")
    time.sleep(0.3)
    kill(first)
    assert weights_of(result_of(second)) == WEIGHTS
    begun = [one.headers.get("range") for one in hub.requests("GET", SIGNATURE)]
    assert len(begun) == 2 and begun[1] is not None


def test_a_pull_waits_for_python(hub, repository, pull):
    """Its lock is filelock's."""
    import filelock

    path = pull.cache / f".locks/models--org--name/{DIGEST}.lock"
    path.parent.mkdir(parents=True)
    with filelock.FileLock(path):
        process = pull.start("org/name")
        time.sleep(1)
        assert process.poll() is None and not hub.requests("GET", SIGNATURE)
    assert weights_of(result_of(process)) == WEIGHTS


def test_python_waits_for_a_pull(hub, repository, pull):
    import filelock

    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.1)))
    process = pull.start("org/name")
    path = pull.cache / f".locks/models--org--name/{DIGEST}.lock"
    while not hub.requests("GET", SIGNATURE):
        time.sleep(0.01)
    with pytest.raises(filelock.Timeout), filelock.FileLock(path, timeout=0.2):
        pass
    assert weights_of(result_of(process)) == WEIGHTS
    with filelock.FileLock(path, timeout=5):
        pass


def test_a_killed_pull_goes_on(hub, repository, pull):
    hub.rules.append(on(SIGNATURE, body(lambda whole: whole, drip=0.05)))
    process = pull.start("org/name")
    (part,) = [None]
    while part is None or part.stat().st_size == 0:
        part = next(iter(pull.home.rglob(f"{DIGEST}.incomplete")), None)
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    begun = part.stat().st_size
    assert nothing_half_done(pull.home)
    hub.rules.clear()
    assert weights_of(pull("org/name")) == WEIGHTS
    assert hub.requests("GET", SIGNATURE)[-1].headers["range"] == f"bytes={begun}-"
    assert not list(pull.home.rglob("*.incomplete")) and tree(pull.home)
