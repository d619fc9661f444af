"""clipclap_process: TorchScript models that make pictures of pictures."""

import numpy
import pytest
import torch

SHAPE = (72, 96)


class Identity(torch.nn.Module):
    """Of so many channels and no others."""

    def __init__(self, channels: int):
        super().__init__()
        self.channels = channels
        self.ones = torch.nn.Parameter(torch.ones(channels, 1, 1, 1))

    def forward(self, x):
        return torch.nn.functional.conv2d(x, self.ones, groups=self.channels)


class Inverse(torch.nn.Module):
    def forward(self, x):
        return 1 - x


class RedOnly(torch.nn.Module):
    """Knows its channels apart."""

    def __init__(self):
        super().__init__()
        self.register_buffer("weights", torch.tensor([1.0, 0.5, 0.0]).view(1, 3, 1, 1))

    def forward(self, x):
        return x * self.weights


class Twice(Identity):
    def forward(self, x):
        return torch.nn.functional.interpolate(super().forward(x), scale_factor=2.0, mode="bilinear")


def save(module, channels, path):
    torch.jit.trace(module, torch.rand(1, channels, 16, 24), check_trace=False).save(path)
    return path


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")

    def saved(module, channels):
        return save(module, channels, folder / f"{type(module).__name__}{channels}.pt")

    return saved


GREY = ["gray", "grayf32le", "gray10le", "gray12le", "gray16le"]
COLOUR = ["rgb24", "gbrp", "gbrpf32le", "gbrp10le", "gbrp16le"]


@pytest.mark.parametrize("pixel_format", GREY + COLOUR)
def test_identity_is_exact(ffmpeg, film, model, pixel_format):
    path = film("gray" if pixel_format in GREY else "rgb24")
    channels = 1 if pixel_format in GREY else 3
    script = model(Identity(channels), channels)
    shape = f"format={pixel_format}"
    passed = ffmpeg.checksums(path, f"{shape},clipclap_process=model={script}:batch=5")
    assert passed == ffmpeg.checksums(path, shape)


def read(ffmpeg, path, graph, pixel_format, height, width):
    done = ffmpeg.attempt("-v", "error", "-i", path, "-vf", graph, "-f", "rawvideo", "-pix_fmt",
                          pixel_format, "-")  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    channels = 3 if pixel_format == "rgb24" else 1
    return numpy.frombuffer(done.stdout, numpy.uint8).reshape(-1, height, width, channels)


@pytest.mark.memory
@pytest.mark.parametrize("options", ["batch=1", "batch=4:nireq=2", "held_megabytes=0"])
def test_pictures_are_the_models_in_order(ffmpeg, film, model, options):
    before = read(ffmpeg, film("rgb24"), "null", "rgb24", *SHAPE)
    for module in (Inverse(), RedOnly()):
        graph = f"clipclap_process=model={model(module, 3)}:{options},format=rgb24"
        after = read(ffmpeg, film("rgb24"), graph, "rgb24", *SHAPE)
        expected = module(torch.from_numpy(before.copy()).permute(0, 3, 1, 2) / 255)
        expected = (expected * 255).permute(0, 2, 3, 1).numpy()
        assert after.shape == before.shape
        assert numpy.abs(after - expected).max() <= 0.5 + 1e-3


@pytest.mark.memory
@pytest.mark.parametrize("channels", [1, 3])
def test_the_size_is_the_models(ffmpeg, film, model, channels):
    pixel_format = "gray" if channels == 1 else "rgb24"
    script = model(Twice(channels), channels)
    before = read(ffmpeg, film(pixel_format), "null", pixel_format, *SHAPE)
    after = read(ffmpeg, film(pixel_format), f"clipclap_process=model={script}", pixel_format, 144, 192)
    pixels = torch.from_numpy(before.copy()).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        expected = (Twice(channels)(pixels) * 255).permute(0, 2, 3, 1).numpy()
    assert numpy.abs(after - expected).max() <= 0.5 + 1e-2


class Colouring(torch.nn.Module):
    """Three channels of one."""

    def forward(self, x):
        return x * torch.tensor([1.0, 0.5, 0.25]).view(1, 3, 1, 1)


class Greying(torch.nn.Module):
    def forward(self, x):
        return x.mean(1, keepdim=True)


@pytest.mark.parametrize(("module", "channels"), [(Colouring(), 1), (Greying(), 3)])
def test_other_channels_come_out_than_went_in(ffmpeg, film, model, module, channels):
    taken, given = ("gray", "rgb24") if channels == 1 else ("rgb24", "gray")
    before = read(ffmpeg, film(taken), "null", taken, *SHAPE)
    graph = f"clipclap_process=model={model(module, channels)}:batch=3"
    after = read(ffmpeg, film(taken), graph, given, *SHAPE)
    pixels = torch.from_numpy(before.copy()).permute(0, 3, 1, 2) / 255
    expected = (module(pixels) * 255).permute(0, 2, 3, 1).numpy()
    assert after.shape == expected.shape
    assert numpy.abs(after - expected).max() <= 0.5 + 1e-2


@pytest.mark.memory
def test_times_and_properties_stay(ffmpeg, film, model):
    graph = f"setpts=PTS*2+5,metadata=add:key=k:value=v,clipclap_process=model={model(Twice(3), 3)}:batch=5"
    frames = ffmpeg.frames(film("rgb24"), graph)
    plain = ffmpeg.frames(film("rgb24"), "setpts=PTS*2+5,metadata=add:key=k:value=v")
    assert frames == plain and len(frames) == 12


def test_any_stream_is_converted_to_what_the_model_takes(ffmpeg, film, model):
    for channels in (1, 3):
        graph = f"clipclap_process=model={model(Identity(channels), channels)}"
        assert len(ffmpeg.checksums(film("yuv420p"), graph)) == len(ffmpeg.checksums(film("yuv420p"), "null"))


@pytest.mark.memory
def test_a_refusal_is_one_line(ffmpeg, film, model, tmp_path):
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"no model")
    for options, word in (("", "model"), (f"model={broken}", "broken.pt"), ("model=/none.pt", "/none.pt")):
        graph = f"clipclap_process={options}" if options else "clipclap_process"
        told = ffmpeg.told_by("clipclap_process", "-i", film("gray"), "-vf", graph, "-f", "null", "-")
        assert len(told) == 1 and word in told[0], told


class Shy(torch.nn.Module):
    """Fails at the white frame of `black_and_white`."""

    def forward(self, x):
        torch._assert(bool(x.amin() < 1), "too bright")
        return x


@pytest.mark.memory
def test_a_model_that_fails_fails_the_graph_in_one_line(ffmpeg, black_and_white, tmp_path):
    script = tmp_path / "shy.pt"
    torch.jit.script(Shy()).save(script)
    done = ffmpeg.attempt("-v", "error", "-i", black_and_white, "-vf",
                          f"clipclap_process=model={script}:batch=1", "-f", "null", "-")  # fmt: skip
    told = [line for line in done.stderr.decode().splitlines() if "[Parsed_clipclap_process_0 @" in line]
    assert done.returncode > 0 and len(told) == 1
    assert "shy.pt: fails on [1, " in told[0] and "too bright" in told[0]
