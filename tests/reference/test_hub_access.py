"""Who may have what, and the way there: tokens, redirects, certificates, proxies, names."""

import json
import ssl
import subprocess
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from hub_server import GOOD_TOKEN, SIGNATURE, Answer, on, refuse, running_hub, with_headers
from hub_tools import (  # noqa: F401
    FILES, INFO, WEIGHTS, Puller, error_of, hub, pull, repository, weights_of,
)  # fmt: skip


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


def test_weights_named_twice(hub, repository, pull):
    names = list(pull("org/name", weights=["model.safetensors"] * 2)["value"]["files"])
    assert names == sorted(FILES) and len(hub.requests("GET", SIGNATURE)) == 1


def test_weights_that_are_not_there(hub, repository, pull):
    told = error_of(pull("org/name", weights=["other.safetensors"]))
    assert told["code"] == "not_found" and '"model.safetensors"' in told["message"]
