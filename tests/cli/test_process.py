"""`clipclap process` as a user meets it: wrong calls, wrong models, outputs whole or not at all."""

import itertools
import os
import signal
import subprocess
import sys
import time

import pytest
import torch
from pseudo_terminal import PseudoTerminal, final_lines
from surroundings import environment

NUMBERS = itertools.count()  # TorchScript wants a name for each class
PATIENCE_SECONDS = 1.5  # a second, and half a one for a busy machine


@pytest.fixture(scope="module")
def models(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    script = root / "tools/process_models/make_models.py"
    subprocess.run([sys.executable, script, folder], check=True)
    return folder


def save_model(path, body):
    """A model whose forward() has this body."""
    module = type(f"Model{next(NUMBERS)}", (torch.jit.ScriptModule,), {})()
    module.define(f"def forward(self, x):\n    {body}\n")
    module.save(str(path))
    return path


def require_one_line(result, code, *parts):
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    assert len(result.stderr.splitlines()) == 1 and result.stderr.startswith("clipclap: ")
    for part in parts:
        assert part in result.stderr


def test_wrong_calls(run, models, clip, picture, tmp_path):
    model, out = models / "identity.pt", tmp_path / "out.mkv"
    cases = [
        ([], 2, "MODEL"),
        ([model, clip], 2, "OUT"),
        ([model, clip, clip], 2, "is IN, too"),
        ([model, clip, ""], 2, "name"),
        ([model, clip, out, out], 2, "unexpected argument"),
        ([model, clip, out, "--batch", "0"], 2, "--batch"),
        ([model, clip, out, "--multiple", "0"], 2, "--multiple"),
        ([model, clip, out, "--device", "abacus"], 2, "abacus"),
        ([model, clip, tmp_path / "out.foo"], 2, "--format", "out.mkv"),
        ([model, clip, tmp_path / "out"], 2, "--format", "out.mkv"),
        ([model, clip, tmp_path / "out.wav"], 2, "holds no pictures", "out.mkv"),
        ([model, clip, out, "--format", "nonsense"], 2, "nonsense", "ffmpeg -muxers"),
        ([model, clip, out, "--codec", "nonsense"], 2, "nonsense", "ffmpeg -encoders"),
        ([model, clip, out, "--codec", "aac"], 2, "aac"),
        ([model, clip, out, "--codec-settings", "nonsense"], 2, "KEY=VALUE"),
        ([model, clip, out, "--codec-settings", "nonsense=1"], 2, "nonsense", "ffmpeg -h"),
        ([model, clip, tmp_path / "out.png"], 2, "is one picture"),
        ([model, "missing.mp4", out], 1, "missing.mp4", "no such file"),
        ([model, model, out], 1, "identity.pt"),
        ([tmp_path / "missing.pt", clip, out], 3, "missing.pt", "no such file"),
        ([clip, clip, out], 3, "TorchScript"),
        ([model, clip, tmp_path / "missing/out.mkv"], 3, "folder"),
        ([model, clip, tmp_path / "out.webm", "--codec", "mpeg4"], 3, "out.webm", "VP9"),
        ([model, clip, "/dev/full", "--format", "matroska"], 3, "No space left"),
    ]
    for arguments, code, *parts in cases:
        require_one_line(run("process", *arguments), code, *parts)
        assert os.listdir(tmp_path) == [], arguments


def test_a_link_to_the_input_is_the_input(run, models, clip, tmp_path):
    link = tmp_path / "link.mp4"
    link.symlink_to(clip)
    require_one_line(run("process", models / "identity.pt", clip, link), 2, "is IN, too")


@pytest.mark.parametrize(
    "body, part",
    [
        ("return x[0]", "[3, 64, 128]"),
        ("return (x, x)", "Tuple"),
        ("return (x * 255.0).int()", "Int"),
        ("return torch.cat([x, x], 1)", "neither of 3 channels nor of 1"),
        ("return torch.conv2d(x, torch.ones([4, 4, 1, 1]))", "neither of 3 channels nor of 1"),
        ("return x[:, :, 1:-1]", "ratio"),
        ("return x.view(1, 3, 64, 128)", "varying size"),
    ],
)
def test_models_that_take_or_give_no_pictures(run, clip, tmp_path, body, part):
    model = save_model(tmp_path / "model.pt", body)
    out = tmp_path / "out.mkv"
    result = run("process", model, clip, out)
    require_one_line(result, 3, str(model), part)
    assert not out.exists()


def test_a_model_that_fails_on_a_picture_says_which(run, tmp_path):
    film = tmp_path / "film.mkv"
    source = "color=black:d=1:r=10:s=64x48,drawbox=c=white:t=fill:enable='gte(n,7)'"
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "ffv1", film]
    subprocess.run(command, check=True)
    model = save_model(tmp_path / "model.pt", "return x / (x.mean(1, True) < 0.9).float()")
    out = tmp_path / "out.mkv"
    out.write_text("old")
    result = run("process", model, film, out, "--batch", "4")
    require_one_line(result, 1, "model.pt", "NaN", "at 0.700 s")
    assert out.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["film.mkv", "model.pt", "out.mkv"]


def test_a_film_whose_size_changes(run, models, tmp_path):
    parts = []
    for number, size in enumerate(["64x48", "80x48"]):
        parts.append(tmp_path / f"{number}.ts")
        source = f"testsrc2=d=1:r=10:s={size}"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", source, "-c:v", "mpeg2video"]
        subprocess.run([*command, "-bf", "0", parts[-1]], check=True)
    film = tmp_path / "film.ts"
    film.write_bytes(b"".join(part.read_bytes() for part in parts))
    result = run("process", models / "identity.pt", film, tmp_path / "out.mkv", "-q")
    require_one_line(result, 1, "64 × 48", "80 × 48")
    assert not (tmp_path / "out.mkv").exists()


def test_a_cut_off_film_makes_nothing(run, models, clip, tmp_path):
    film = tmp_path / "film.mp4"
    # Its index is at its end: FFmpeg needs that first.
    remux = ["ffmpeg", "-v", "error", "-i", clip, "-c", "copy", "-movflags", "faststart", film]
    subprocess.run(remux, check=True)
    film.write_bytes(film.read_bytes()[: film.stat().st_size * 2 // 3])
    result = run("process", models / "identity.pt", film, tmp_path / "out.mkv", "-q")
    require_one_line(result, 1, "film.mp4")
    assert not (tmp_path / "out.mkv").exists()


def test_an_old_file_is_replaced_whole_and_keeps_its_rights(run, models, picture, tmp_path):
    out = tmp_path / "out.png"
    out.write_text("old")
    out.chmod(0o640)
    result = run("process", models / "upscale.pt", picture, out)
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert out.read_bytes().startswith(b"\x89PNG") and out.stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["out.png"]


def test_a_signal_leaves_the_old_file(clipclap, models, tmp_path, long_clip):
    output = tmp_path / "out.mkv"
    output.write_text("old")
    command = [clipclap, "process", models / "upscale.pt", long_clip, output]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, env=environment(), text=True)
    deadline = time.monotonic() + 60

    def has_begun():
        parts = [path for path in tmp_path.iterdir() if path.suffix == ".part"]
        return parts and parts[0].stat().st_size > 0

    while not has_begun():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    sent = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 130
    assert time.monotonic() - sent < PATIENCE_SECONDS
    assert process.stderr.read() == "clipclap: stopped\n"
    process.stderr.close()
    assert output.read_text() == "old" and os.listdir(tmp_path) == ["out.mkv"]


def test_a_reader_that_leaves_ends_it_quietly(clipclap, models, long_clip):
    command = [clipclap, "process", models / "identity.pt", long_clip, "-", "--format", "nut"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    )
    assert len(process.stdout.read(100)) == 100
    process.stdout.close()
    assert (process.wait(timeout=60), process.stderr.read()) == (0, b"")
    process.stderr.close()


def test_progress_is_drawn_and_taken_away(clipclap, models, film, tmp_path):
    command = [clipclap, "process", models / "identity.pt", film, tmp_path / "out.mkv"]
    terminal = PseudoTerminal(command)
    assert terminal.finish() == 0
    assert "pictures/s" in terminal.text()
    assert final_lines(terminal.text()) == [""]
    quiet = PseudoTerminal([*command, "-q"])
    assert quiet.finish() == 0
    assert quiet.text() == ""
