"""Every command that the documents show is run as it stands."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/reference"))

DOCUMENTS = sorted([ROOT / "README.md", ROOT / "HACKING.md", *ROOT.glob("docs/**/*.md")])
SEES, HEARS = "openai/clip-vit-base-patch32", "laion/clap-htsat-unfused"


def commands(document):
    blocks = re.findall(r"^```sh\n(.*?)^```", document.read_text("utf-8"), re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


CASES = [
    pytest.param(command, id=f"{document.name}: {command}")
    for document in DOCUMENTS
    for command in commands(document)
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    """A Hugging Face cache that holds small checkpoints under the names the documents use."""
    import torchvision_operators  # noqa: F401 - makes transformers importable
    from clap_checkpoints import save_checkpoint as save_clap
    from clip_checkpoints import clip_config, save_checkpoint

    home = tmp_path_factory.mktemp("hub")
    layers = {"num_hidden_layers": 2}
    save_checkpoint(snapshot_folder(home, SEES), clip_config(vision=layers, text=layers))
    sounds = {"patch_embeds_hidden_size": 24, "hidden_size": 48, "depths": [2, 2],
              "num_attention_heads": [2, 4]}  # fmt: skip
    save_clap(snapshot_folder(home, HEARS), sounds, {"vocab_size": 512, **layers})
    return home


def snapshot_folder(home, hub_id):
    repository = home / "hub" / f"models--{hub_id.replace('/', '--')}"
    commit = "0" * 40
    snapshot = repository / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text(commit)
    return snapshot


def shown_file(document):
    """The contents of the file that a document shows."""
    (text,) = re.findall(r"^```text\n(.*?)^```", document.read_text("utf-8"), re.M | re.S)
    return text


@pytest.fixture(scope="module")
def drawer(tmp_path_factory, photographs):
    """The files that the documents speak of."""
    drawer = tmp_path_factory.mktemp("drawer")
    film = photographs[0].parent / "vtest.avi"
    tone = ["-f", "lavfi", "-t", "4", "-i", "sine=440"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-t", "4", "-i", film, *tone, drawer / "holiday.mp4"], check=True
    )
    (drawer / "photos").mkdir()
    for photograph in photographs[:5]:
        shutil.copy(photograph, drawer / "photos")
    shutil.copy(photographs[0], drawer / "photo.jpg")
    maker = ROOT / "tools/process_models/make_models.py"
    subprocess.run([sys.executable, maker, drawer], check=True)
    shutil.copy(drawer / "identity.pt", drawer / "denoise.pt")
    (drawer / "words.txt").write_text("# fruit\napple\nbanana\n\nface\n", "utf-8")
    (drawer / "boxes.jsonl").write_text(shown_file(ROOT / "docs/boxes.md"), "utf-8")
    (drawer / "scenes.txt").write_text(shown_file(ROOT / "docs/categories.md"), "utf-8")
    return drawer


@pytest.fixture
def desk(drawer, tmp_path):
    """A folder of a command's own with those files."""
    return shutil.copytree(drawer, tmp_path, dirs_exist_ok=True)


@pytest.mark.parametrize("command", CASES)
def test_command(command, clipclap, hub, desk):
    if command == "./dev test":
        # This very run: CI starts it.
        assert "./dev test" in (ROOT / ".ci/run").read_text("utf-8")
        return
    environment = os.environ | {
        "PATH": f"{clipclap.parent}:{os.environ['PATH']}",
        "HF_HOME": str(hub),
    }
    environment.pop("HF_HUB_CACHE", None)
    before = set(desk.iterdir())
    folder = ROOT if command.startswith("./dev") else desk
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=folder, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    written = [path for path in set(desk.iterdir()) - before if path.stat().st_size > 0]
    assert result.stdout or written


def test_the_documents_have_commands():
    assert len(CASES) >= 7


def test_links_lead_somewhere():
    for document in DOCUMENTS:
        prose = re.sub(r"^```.*?^```", "", document.read_text("utf-8"), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)#]+)\)", prose):
            if "://" not in target:
                assert (document.parent / target).exists(), f"{document.name}: {target}"
