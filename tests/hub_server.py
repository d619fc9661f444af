"""A server that behaves like the Hugging Face hub, and misbehaves where a test wants it to.

Two servers on two ports: the hub itself and the CDN that it sends large files to. What the hub
answers is modelled on what huggingface_hub 0.36 reads (file_download.py, utils/_http.py): large
files (LFS) are redirected to signed addresses elsewhere, small ones to a relative address of the
hub, and both tell X-Repo-Commit, ETag or X-Linked-Etag, and sizes.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Callable
from urllib.parse import parse_qs, quote, unquote, urlsplit

GOOD_TOKEN = "hf_good"
SIGNATURE = "Signature=secret"


def git_blob_sha1(contents: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(contents) + contents).hexdigest()


@dataclass
class Repository:
    files: dict[str, bytes]
    commit: str = ""
    revisions: dict[str, str] = field(default_factory=dict)
    gated: bool = False
    private: bool = False
    large: Callable[[str], bool] = lambda name: name.endswith((".safetensors", ".bin", ".pt", ".pth"))
    listed: list[str] | None = None

    def __post_init__(self) -> None:
        names = json.dumps({name: git_blob_sha1(data) for name, data in self.files.items()})
        self.commit = self.commit or hashlib.sha1(names.encode()).hexdigest()
        self.revisions = {"main": self.commit, self.commit: self.commit} | self.revisions

    def etag(self, name: str) -> str:
        contents = self.files[name]
        return hashlib.sha256(contents).hexdigest() if self.large(name) else git_blob_sha1(contents)


@dataclass
class Request:
    server: str  # "hub" or "cdn"
    method: str
    path: str
    headers: dict[str, str]

    @property
    def start(self) -> int:
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        return int(match[1]) if match else 0


@dataclass
class Answer:
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_at: int | None = None  # bytes of the body after which the connection ends
    pause: float = 0  # seconds before it
    drip: float = 0  # seconds between pieces of the body
    tells_length: bool = True  # else the end of the connection is the end of the body


Rule = Callable[[Request, Answer], Answer | None]


def on(part: str, change: Rule, method: str = "", times: int | None = None) -> Rule:
    """A rule for requests whose path contains `part`, for the first few of them."""
    left = [times]

    def rule(request: Request, answer: Answer) -> Answer | None:
        if part not in request.path or (method and request.method != method) or left[0] == 0:
            return None
        if left[0] is not None:
            left[0] -= 1
        return change(request, answer)

    return rule


def refuse(status: int, **headers: str) -> Rule:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request, answer: Answer(status, named, b"no")


def cut(at: int) -> Rule:
    def change(request: Request, answer: Answer) -> Answer:
        answer.cut_at = at
        return answer

    return change


def body(change_bytes: Callable[[bytes], bytes], **attributes) -> Rule:
    def change(request: Request, answer: Answer) -> Answer:
        answer.body = change_bytes(answer.body)
        for name, value in attributes.items():
            setattr(answer, name, value)
        return answer

    return change


def with_headers(**headers: str | None) -> Rule:
    """None takes a header away."""

    def change(request: Request, answer: Answer) -> Answer:
        for name, value in headers.items():
            answer.headers.pop(name.replace("_", "-"), None)
            if value is not None:
                answer.headers[name.replace("_", "-")] = value
        return answer

    return change


class Hub:
    """`endpoint` is what HF_ENDPOINT has to be; `log` holds every request."""

    def __init__(self, context=None) -> None:
        self.repositories: dict[str, Repository] = {}
        self.renamed: dict[str, str] = {}
        self.rules: list[Rule] = []
        self.log: list[Request] = []
        self.blobs: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._servers = {name: _make_server(self, name, context) for name in ("hub", "cdn")}
        scheme = "https" if context else "http"
        self.endpoint = f"{scheme}://127.0.0.1:{self._servers['hub'].server_port}"
        self.cdn = f"{scheme}://localhost:{self._servers['cdn'].server_port}"

    def start(self) -> None:
        for server in self._servers.values():
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        for server in self._servers.values():
            server.shutdown()
            server.server_close()

    def add(self, name: str, files: dict[str, bytes], **options) -> Repository:
        self.repositories[name] = Repository(files, **options)
        return self.repositories[name]

    def requests(self, method: str = "", part: str = "") -> list[Request]:
        with self._lock:
            return [one for one in self.log if method in ("", one.method) and part in one.path]

    def forget(self) -> None:
        with self._lock:
            self.log.clear()

    def answer(self, request: Request) -> Answer:
        with self._lock:
            self.log.append(request)
        answer = (_answer_cdn if request.server == "cdn" else _answer_hub)(self, request)
        for rule in self.rules:
            answer = rule(request, answer) or answer
        return answer


@contextmanager
def running_hub(context=None):
    hub = Hub(context)
    hub.start()
    try:
        yield hub
    finally:
        hub.stop()


def _error(status: int, code: str, message: str) -> Answer:
    headers = {"X-Error-Code": code, "X-Error-Message": message}
    return Answer(status, {key: value for key, value in headers.items() if value}, b"{}")


def _gate(hub: Hub, request: Request, name: str, contents: bool) -> Answer | None:
    """What keeps a user from a repository, in the hub's own words."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    if token and token not in (GOOD_TOKEN, "hf_other"):
        return _error(401, "", "Invalid credentials in Authorization header")
    repository = hub.repositories.get(name)
    if repository is None or (repository.private and token != GOOD_TOKEN):
        return _error(404 if token else 401, "RepoNotFound", "Repository not found")
    if repository.gated and contents and token != GOOD_TOKEN:
        return _error(403 if token else 401, "GatedRepo", f"Access to model {name} is restricted")
    return None


def _whole(contents: bytes, request: Request, headers: dict[str, str]) -> Answer:
    """A file with ranges (RFC 9110, section 14)."""
    headers = {"Accept-Ranges": "bytes"} | headers
    if request.start == 0:
        return Answer(200, headers, contents)
    if request.start >= len(contents):
        return Answer(416, {"Content-Range": f"bytes */{len(contents)}"})
    span = f"bytes {request.start}-{len(contents) - 1}/{len(contents)}"
    return Answer(206, headers | {"Content-Range": span}, contents[request.start :])


def _answer_hub(hub: Hub, request: Request) -> Answer:
    parts = urlsplit(request.path)
    if match := re.fullmatch(r"/api/models/(.+?)/revision/([^/]+)", parts.path):
        name, revision = match[1], unquote(match[2])
        if name in hub.renamed:
            target = parts.path.replace(name, hub.renamed[name], 1)
            return Answer(307, {"Location": hub.endpoint + target})
        return _gate(hub, request, name, False) or _info(hub.repositories[name], name, revision)
    if match := re.fullmatch(r"/api/resolve-cache/models/(.+?)/([0-9a-f]{40})/(.+)", parts.path):
        name, file = match[1], unquote(match[3])
        return _gate(hub, request, name, True) or _small(hub.repositories[name], request, file)
    if match := re.fullmatch(r"/(.+?)/resolve/([^/]+)/(.+)", parts.path):
        name, revision, file = match[1], unquote(match[2]), unquote(match[3])
        if name in hub.renamed:
            target = parts.path.replace(name, hub.renamed[name], 1)
            return Answer(307, {"Location": target})
        return _gate(hub, request, name, True) or _resolve(hub, name, revision, file)
    return Answer(404)


def _info(repository: Repository, name: str, revision: str) -> Answer:
    if revision not in repository.revisions:
        return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    listed = repository.files if repository.listed is None else repository.listed
    body = {
        "_id": "621ffdc036468d709f17434d",
        "id": name,
        "modelId": name,
        "sha": repository.revisions[revision],
        "private": repository.private,
        "gated": "auto" if repository.gated else False,
        "siblings": [{"rfilename": file} for file in listed],
        "tags": [],
        "downloads": 1,
        "likes": 1,
    }
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(body).encode())


def _resolve(hub: Hub, name: str, revision: str, file: str) -> Answer:
    repository = hub.repositories[name]
    if revision not in repository.revisions:
        return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    commit = repository.revisions[revision]
    if file not in repository.files:
        answer = _error(404, "EntryNotFound", "Entry not found")
        answer.headers["X-Repo-Commit"] = commit
        return answer
    etag, size = repository.etag(file), len(repository.files[file])
    headers = {"X-Repo-Commit": commit, "X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(size)}
    if not repository.large(file):
        target = f"/api/resolve-cache/models/{name}/{commit}/{quote(file)}?etag={etag}"
        return Answer(307, headers | {"Location": target}, b"Temporary Redirect")
    hub.blobs[etag] = repository.files[file]
    body = f"Found. Redirecting to {hub.cdn}/{etag}".encode()
    return Answer(302, headers | {"Location": f"{hub.cdn}/{etag}?{SIGNATURE}"}, body)


def _small(repository: Repository, request: Request, file: str) -> Answer:
    headers = {"X-Repo-Commit": repository.commit, "ETag": f'"{repository.etag(file)}"'}
    return _whole(repository.files[file], request, headers)


def _answer_cdn(hub: Hub, request: Request) -> Answer:
    parts = urlsplit(request.path)
    digest = parts.path.removeprefix("/")
    if "Signature" not in parse_qs(parts.query) or digest not in hub.blobs:
        return Answer(403, {}, b"<Error><Code>AccessDenied</Code></Error>")
    return _whole(hub.blobs[digest], request, {"ETag": '"not-the-hub\'s-etag"'})


def _make_server(hub: Hub, server_name: str, context) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self.respond()

        def do_HEAD(self) -> None:
            self.respond()

        def respond(self) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = hub.answer(Request(server_name, self.command, self.path, headers))
            time.sleep(answer.pause)
            self.send_response(answer.status)
            if not any(name.lower() == "content-length" for name in answer.headers):
                if answer.tells_length:
                    self.send_header("Content-Length", str(len(answer.body)))
                else:
                    self.send_header("Connection", "close")
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "HEAD":
                return
            body = answer.body if answer.cut_at is None else answer.body[: answer.cut_at]
            self.send(body, answer.drip)
            if answer.cut_at is not None:
                self.close_connection = True

        def send(self, body: bytes, drip: float) -> None:
            try:
                if not drip:
                    self.wfile.write(body)
                for start in range(0, len(body) if drip else 0, 65536):
                    self.wfile.write(body[start : start + 65536])
                    time.sleep(drip)
            except OSError:  # who asked has left
                self.close_connection = True

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if context:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    return server
