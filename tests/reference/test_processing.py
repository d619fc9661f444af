"""clipclap process and the C API's processors beside torch, Pillow, ffmpeg and ffprobe."""

import importlib.util
import json
import subprocess
import sys

import numpy
import pytest
import torch
from PIL import Image

SIZE = (70, 46)  # no multiple of 8
FFMPEG = ["ffmpeg", "-nostdin", "-v", "error", "-y"]


@pytest.fixture(scope="module")
def maker(root):
    path = root / "tools/process_models/make_models.py"
    spec = importlib.util.spec_from_file_location("make_models", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def models(root, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    script = root / "tools/process_models/make_models.py"
    subprocess.run([sys.executable, script, folder], check=True)
    return folder


@pytest.fixture(scope="module")
def process(clipclap):
    def run(*arguments):
        result = subprocess.run(
            [clipclap, "process", *map(str, arguments)], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stderr
        return result.stderr

    return run


def encode(path, *arguments):
    subprocess.run([*FFMPEG, *map(str, arguments), str(path)], check=True)
    return path


def source(seconds=2, rate=10, size=SIZE):
    return f"testsrc2=d={seconds}:r={rate}:s={size[0]}x{size[1]}"


def noise(count, size=SIZE, channels=3):
    generator = numpy.random.default_rng(3)
    return generator.integers(0, 256, (count, size[1], size[0], channels), dtype=numpy.uint8)


def write_film(path, pictures, *options):
    """RGB pictures without loss, 10 a second."""
    height, width = pictures.shape[1:3]
    command = [*FFMPEG, "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height}",
               "-r", "10", "-i", "-", *options, str(path)]  # fmt: skip
    subprocess.run(command, input=pictures.tobytes(), check=True)
    return path


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "film.mkv", noise(23), "-c:v", "ffv1")


def read_pictures(path, pixels="rgb24"):
    """[pictures, height, width, channels] as ffmpeg decodes them."""
    entries = probe(path, "-select_streams", "v", "-show_entries", "stream=width,height")
    stream = entries["streams"][0]
    command = [*FFMPEG, "-i", str(path), "-map", "0:v", "-fps_mode", "passthrough",
               "-f", "rawvideo", "-pix_fmt", pixels, "-"]  # fmt: skip
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    shape = (-1, stream["height"], stream["width"], 1 if pixels == "gray" else 3)
    return numpy.frombuffer(raw, numpy.uint8).reshape(shape)


def probe(path, *arguments):
    command = ["ffprobe", "-v", "error", "-of", "json", *arguments, str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def times(path):
    frames = probe(path, "-select_streams", "v", "-show_entries", "frame=pts_time")["frames"]
    return [frame["pts_time"] for frame in frames]


def packets(path, kind):
    entries = "packet=pts_time,duration_time,data_hash"
    arguments = ["-select_streams", kind, "-show_data_hash", "md5", "-show_entries", entries]
    return probe(path, *arguments)["packets"]


def by_torch(model, pictures):
    """What the model makes of pictures of bytes, in bytes."""
    planes = torch.from_numpy(pictures.copy()).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        made = model(planes).clamp(0, 1).mul(255).round().byte()
    return made.permute(0, 2, 3, 1).numpy()


def padded(pictures, multiple):
    height, width = pictures.shape[1:3]
    edges = [(0, 0), (0, -height % multiple), (0, -width % multiple), (0, 0)]
    return numpy.pad(pictures, edges, mode="edge")


def differences(a, b):
    assert a.shape == b.shape
    return numpy.abs(a.astype(int) - b.astype(int))


def test_identity_is_exact_through_png(process, models, tmp_path, photographs):
    photograph = Image.open(photographs[0]).convert("RGB")
    photograph.save(tmp_path / "in.png")
    process(models / "identity.pt", tmp_path / "in.png", tmp_path / "out.png")
    made = numpy.array(Image.open(tmp_path / "out.png"))
    assert numpy.array_equal(made, numpy.array(photograph))


@pytest.mark.parametrize("batch, threads", [(1, 1), (4, 1), (4, 2), (16, 2)])
def test_identity_is_exact_through_ffv1_in_order(process, models, film, tmp_path, batch, threads):
    out = tmp_path / "out.mkv"
    options = ["--batch", batch, "--threads", threads]
    process(models / "identity.pt", film, out, "--codec", "ffv1", *options)
    assert numpy.array_equal(read_pictures(out), read_pictures(film))


def test_upscaling_is_torchs(process, models, maker, film, tmp_path):
    out = tmp_path / "out.mkv"
    process(models / "upscale.pt", film, out, "--codec", "ffv1", "--batch", 4)
    expected = by_torch(maker.make("upscale"), read_pictures(film))
    made = read_pictures(out)
    assert made.shape[1:3] == (2 * SIZE[1], 2 * SIZE[0])
    # In float32 a sum in another order may round to the next byte.
    assert differences(made, expected).max() <= 1
    assert (made != expected).mean() < 1e-3


def test_odd_sizes_are_padded_and_cut(process, models, maker, tmp_path):
    pictures = noise(3, (45, 37))
    film = write_film(tmp_path / "in.mkv", pictures, "-c:v", "ffv1")
    out = tmp_path / "out.mkv"
    process(models / "strided.pt", film, out, "--codec", "ffv1")
    expected = by_torch(maker.make("strided"), padded(pictures, 8))[:, :37, :45]
    made = read_pictures(out)
    assert differences(made, expected).max() <= 1
    assert (made != expected).mean() < 1e-3


def test_one_channel_is_pillows_grey(process, models, maker, tmp_path, photographs):
    process(models / "grey.pt", photographs[0], tmp_path / "out.png")
    grey = numpy.array(Image.open(photographs[0]).convert("L"))[None, :, :, None]
    expected = by_torch(maker.make("grey"), grey)[0, :, :, 0]
    made = Image.open(tmp_path / "out.png")
    assert made.mode == "L"
    assert differences(numpy.array(made), expected).max() <= 1


def test_colour_of_grey(process, models, maker, tmp_path, photographs):
    process(models / "colour.pt", photographs[0], tmp_path / "out.png")
    grey = numpy.array(Image.open(photographs[0]).convert("L"))[None, :, :, None]
    made = numpy.array(Image.open(tmp_path / "out.png"))
    assert differences(made, by_torch(maker.make("colour"), grey)[0]).max() <= 1


def test_a_picture_is_turned_upright(process, models, tmp_path, photographs):
    turned = tmp_path / "in.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(photographs[0]).convert("RGB").save(turned, exif=exif, quality=95)
    process(models / "identity.pt", turned, tmp_path / "out.png")
    width, height = Image.open(turned).size
    assert Image.open(tmp_path / "out.png").size == (height, width)


def test_yuv_is_right(process, models, tmp_path):
    """Pure colours through YUV and back, by ffmpeg's own decoder and matrix."""
    colours = numpy.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [90, 60, 200]])
    pictures = numpy.repeat(colours.astype(numpy.uint8), 32 * 32, 0).reshape(-1, 32, 32, 3)
    film = write_film(tmp_path / "in.mkv", pictures, "-c:v", "ffv1")
    for name, codec in [("out.mp4", "libx264"), ("out.avi", "mpeg4"), ("big.mkv", "libx264")]:
        model = "upscale.pt" if name == "big.mkv" else "identity.pt"
        out = tmp_path / name
        process(models / model, film, out, "--codec", codec)
        decoded = read_pictures(out).reshape(len(colours), -1, 3).mean(1)
        assert numpy.abs(decoded - colours).max() < 4, name


def test_formats_of_pixels_follow_the_source(process, models, tmp_path):
    def format_of(path):
        return probe(path, "-show_entries", "stream=pix_fmt")["streams"][0]["pix_fmt"]

    for pixels, expected in [("yuv420p", "yuv420p"), ("yuv422p", "yuv422p"), ("rgb24", "yuv444p"),
                             ("yuv420p10le", "yuv420p")]:  # fmt: skip
        film = encode(tmp_path / "in.nut", "-f", "lavfi", "-i", source(0.3), "-c:v",
                      "rawvideo", "-pix_fmt", pixels)  # fmt: skip
        notes = process(models / "identity.pt", film, tmp_path / "out.mp4")
        assert format_of(tmp_path / "out.mp4") == expected
        assert ("10 bits" in notes) == pixels.endswith("10le")
    odd = write_film(tmp_path / "odd.mkv", noise(2, (45, 37)), "-c:v", "ffv1",
                     "-pix_fmt", "yuv420p")  # fmt: skip
    process(models / "identity.pt", odd, tmp_path / "odd.mp4")
    assert format_of(tmp_path / "odd.mp4") == "yuv444p"


@pytest.mark.parametrize("container", ["mp4", "mkv"])
def test_times_of_a_variable_rate_stay(process, models, tmp_path, container):
    film = encode(
        tmp_path / f"in.{container}", "-f", "lavfi", "-i", source(4, 25),
        "-vf", "select='not(eq(mod(n,7),3))*lt(mod(n,31),22)'", "-fps_mode", "passthrough",
        "-c:v", "mpeg4",
    )  # fmt: skip
    out = tmp_path / f"out.{container}"
    process(models / "upscale.pt", film, out, "--batch", 4)
    assert times(out) == times(film) and len(times(film)) > 50
    lasts = [probe(path, "-show_entries", "format=duration")["format"] for path in (film, out)]
    assert lasts[0] == lasts[1]


@pytest.mark.parametrize("rate", ["30000/1001", "24", "12.5"])
def test_times_of_a_constant_rate_stay(process, models, tmp_path, rate):
    film = encode(tmp_path / "in.mp4", "-f", "lavfi", "-i", source(2, rate), "-bf", "2")
    process(models / "identity.pt", film, tmp_path / "out.mov")
    assert times(tmp_path / "out.mov") == times(film)
    entries = ["-show_entries", "stream=avg_frame_rate,time_base,nb_frames,duration"]
    assert probe(tmp_path / "out.mov", *entries)["streams"] == probe(film, *entries)["streams"]


def test_a_late_start_and_a_shape_stay(process, models, tmp_path):
    film = encode(tmp_path / "in.mkv", "-f", "lavfi", "-i", source(), "-vf",
                  "setpts=PTS+5/TB,setsar=64/45", "-c:v", "mpeg4")  # fmt: skip
    process(models / "upscale.pt", film, tmp_path / "out.mkv")
    assert times(tmp_path / "out.mkv") == times(film)
    assert float(times(film)[0]) == 5
    entries = ["-show_entries", "stream=sample_aspect_ratio"]
    assert probe(tmp_path / "out.mkv", *entries)["streams"] == [{"sample_aspect_ratio": "64:45"}]


@pytest.fixture(scope="module")
def talkie(tmp_path_factory):
    """Pictures, two sounds and subtitles."""
    folder = tmp_path_factory.mktemp("talkie")
    words = folder / "words.srt"
    words.write_text("1\n00:00:00,500 --> 00:00:01,500\nHello\n")
    return encode(
        folder / "in.mkv", "-f", "lavfi", "-i", source(3, 25), "-f", "lavfi", "-i", "sine=d=3",
        "-f", "lavfi", "-i", "sine=d=3:f=220", "-i", words, "-map", "0", "-map", "1", "-map", "2",
        "-map", "3", "-c:v", "mpeg4", "-c:a:0", "flac", "-c:a:1", "mp2", "-c:s", "subrip",
        "-metadata:s:a:0", "language=fra",
    )  # fmt: skip


def test_sound_and_subtitles_pass_as_they_are(process, models, talkie, tmp_path):
    assert process(models / "upscale.pt", talkie, tmp_path / "out.mkv", "--batch", 2) == ""
    for kind in ("a:0", "a:1", "s:0"):
        assert packets(tmp_path / "out.mkv", kind) == packets(talkie, kind)
    assert times(tmp_path / "out.mkv") == times(talkie)
    entries = ["-select_streams", "a:0", "-show_entries", "stream_tags=language"]
    assert probe(tmp_path / "out.mkv", *entries)["streams"] == [{"tags": {"language": "fra"}}]


def test_what_a_container_does_not_take_is_left_out_and_said(process, models, talkie, tmp_path):
    notes = process(models / "identity.pt", talkie, tmp_path / "out.mp4")
    assert [line for line in notes.splitlines() if "subrip" in line and "left out" in line]
    kinds = probe(tmp_path / "out.mp4", "-show_entries", "stream=codec_name")["streams"]
    # FFmpeg 5.1 holds FLAC in MP4 for an experiment.
    assert [stream["codec_name"] for stream in kinds][0] == "h264"
    assert "mp2" not in notes and packets(tmp_path / "out.mp4", "a")
    notes = process(models / "identity.pt", talkie, tmp_path / "out.gif")
    assert len([line for line in notes.splitlines() if "left out" in line]) == 3
    assert len(times(tmp_path / "out.gif")) == len(times(talkie)) == 75


def test_from_a_pipe_into_a_pipe(clipclap, models, talkie, tmp_path):
    command = [clipclap, "process", models / "identity.pt", "-", "-", "--format", "matroska",
               "--codec", "ffv1"]  # fmt: skip
    with open(talkie, "rb") as stream:
        result = subprocess.run(["cat"], stdin=stream, capture_output=True, check=True)
    made = subprocess.run(command, input=result.stdout, capture_output=True)
    assert made.returncode == 0, made.stderr
    (tmp_path / "out.mkv").write_bytes(made.stdout)
    assert times(tmp_path / "out.mkv") == times(talkie)
    assert packets(tmp_path / "out.mkv", "a:0") == packets(talkie, "a:0")


def test_rounded_times_are_said(process, models, tmp_path):
    film = encode(tmp_path / "in.mkv", "-f", "lavfi", "-i", source(2, 25), "-vf",
                  "settb=1/1000,setpts='PTS+if(mod(N,2),13,0)'", "-enc_time_base", "1:1000",
                  "-fps_mode", "passthrough", "-c:v", "ffv1")  # fmt: skip
    assert len(set(numpy.diff(list(map(float, times(film)))).round(3))) == 2
    assert "rounded" in process(models / "identity.pt", film, tmp_path / "out.mpg")


def test_memory_does_not_grow_with_length(clipclap, tmp_path):
    class Slow(torch.nn.Module):
        """Slower than any decoder."""

        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Conv2d(3, 3, 9, padding=4)

        def forward(self, pictures):
            return self.layer(self.layer(self.layer(pictures)))

    model = tmp_path / "slow.pt"
    torch.jit.trace(Slow().eval(), torch.rand(1, 3, 32, 32)).save(model)

    def peak(seconds):
        film = encode(tmp_path / f"{seconds}.mp4", "-f", "lavfi", "-i",
                      source(seconds, 25, (640, 360)), "-c:v", "mpeg4")  # fmt: skip
        script = (
            "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); "
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [clipclap, "process", model, film, tmp_path / "out.avi"]
        result = subprocess.run(
            [sys.executable, "-c", script, *map(str, command)], capture_output=True, text=True
        )
        assert result.returncode == 0, result.stderr
        return int(result.stdout) / 1024

    # A picture is 2.8 MB of floats: 200 more of them would be more than 500.
    assert peak(10) - peak(2) < 100


def run_probe(tools, model, pictures, batch, in_flight):
    """The C API's processors; pictures are [pictures, channels, height, width] of float32."""
    height, width = pictures.shape[2:]
    command = [tools / "processor_probe", "run", model, width, height, batch, in_flight]
    result = subprocess.run(
        [*map(str, command)], input=pictures.astype(numpy.float32).tobytes(), capture_output=True
    )
    assert result.returncode == 0, result.stderr
    out_width, out_height = map(int, result.stderr.split())
    made = numpy.frombuffer(result.stdout, numpy.float32)
    return made.reshape(len(pictures), -1, out_height, out_width)


@pytest.mark.parametrize("name", ["identity", "upscale", "strided", "grey", "colour"])
@pytest.mark.parametrize("batch, in_flight", [(0, 0), (4, 2)])
def test_planes_from_c(tools, models, maker, name, batch, in_flight):
    channels = maker.MODELS[name][1]
    generator = numpy.random.default_rng(5)
    # Also what is outside of 0 … 1; the picture lies upside down, with gaps between rows.
    pictures = generator.uniform(-0.5, 1.5, (9, channels, 37, 45)).astype(numpy.float32)
    multiple = 8 if name == "strided" else 1
    edges = [(0, 0), (0, 0), (0, -37 % multiple), (0, -45 % multiple)]
    with torch.no_grad():
        expected = maker.make(name)(torch.from_numpy(numpy.pad(pictures, edges, mode="edge")))
    if name == "strided":
        expected = expected[:, :, :37, :45]
    made = run_probe(tools, models / f"{name}.pt", pictures, batch, in_flight)
    if name == "identity":
        assert numpy.array_equal(made, expected.numpy())
    numpy.testing.assert_allclose(made, expected.numpy(), atol=2e-6, rtol=1e-5)


def test_misuse_from_c(tools, models):
    command = [tools / "processor_probe", "misuse", models / "identity.pt"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
