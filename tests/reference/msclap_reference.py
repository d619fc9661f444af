"""msclap's own classes, made importable without what they drag in.

msclap reads files with torchaudio and computes windows and filters with librosa, through
torchlibrosa. Neither fits beside LibTorch's own build of torch. Files are not read here, and of
librosa three functions are called, when a model is made: they are given here from numpy and
transformers, whose filters are librosa's. The checkpoint then carries what they gave.
"""

import sys
import types
from unittest import mock

import numpy
import torch
import torchvision_operators  # noqa: F401 - before any reference is imported
import yaml
from transformers import (
    BertConfig,
    BertModel,
    BertTokenizerFast,
    GPT2Config,
    GPT2Model,
    GPT2TokenizerFast,
)
from transformers.audio_utils import mel_filter_bank, window_function
from transformers.modeling_utils import no_init_weights


def _mel(sr, n_fft, n_mels, fmin, fmax):
    return mel_filter_bank(n_fft // 2 + 1, n_mels, fmin, fmax, sr, "slaney", "slaney").T


def _pad_center(values, size):
    missing = size - len(values)
    return numpy.pad(values, (missing // 2, missing - missing // 2))


_librosa = types.ModuleType("librosa")
_librosa.filters = types.SimpleNamespace(
    get_window=lambda name, length, fftbins: window_function(length, name, periodic=fftbins),
    mel=_mel,
)
_librosa.util = types.SimpleNamespace(pad_center=_pad_center)
_torchaudio = types.ModuleType("torchaudio")
_torchaudio.transforms = types.ModuleType("torchaudio.transforms")
sys.modules |= {
    "librosa": _librosa,
    "torchaudio": _torchaudio,
    "torchaudio.transforms": _torchaudio.transforms,
}

from msclap.CLAPWrapper import CLAPWrapper  # noqa: E402
from msclap.models import config as htsat_config  # noqa: E402
from msclap.models.clap import CLAP  # noqa: E402
from msclap.models.htsat import HTSAT_Swin_Transformer  # noqa: E402


def settings(year: str) -> dict:
    """As the package's own file has them."""
    from importlib.resources import files

    return yaml.safe_load((files("msclap") / f"configs/config_{year}.yml").read_text())


def make_model(year: str, text_config: dict, htsat: dict | None = None) -> CLAP:
    """A model as the wrapper makes it, its text tower of the size given; `htsat` makes another
    audio tower of msclap's class too. Weights are for the caller to draw."""
    values = settings(year)
    keys = ["audioenc_name", "window_size", "hop_size", "mel_bins", "fmin", "fmax", "out_emb", "text_model", "d_proj"]
    arguments = {key: values[key] for key in keys}
    if htsat:
        arguments["out_emb"] = htsat["embed_dim"] * 2 ** (len(htsat["depths"]) - 1)
    with no_init_weights(), mock.patch("msclap.models.clap.AutoModel.from_pretrained", lambda name: text):
        text = GPT2Model(GPT2Config(**text_config)) if year == "2023" else BertModel(BertConfig(**text_config))
        model = CLAP(
            sample_rate=values["sampling_rate"],
            classes_num=values["num_classes"],
            transformer_embed_dim=text.config.hidden_size,
            **arguments,
        )
        if htsat:
            model.audio_encoder.base.htsat = HTSAT_Swin_Transformer(config=htsat_config, **htsat)
    return model.eval()


def make_wrapper(model: CLAP, year: str, tokenizer_file: str) -> CLAPWrapper:
    """The package's interface around a model that was not downloaded."""
    wrapper = CLAPWrapper.__new__(CLAPWrapper)
    wrapper.use_cuda = False
    wrapper.default_collate_err_msg_format = "{}"
    wrapper.clap = model
    wrapper.args = types.SimpleNamespace(**settings(year))
    wrapper.token_keys = ["input_ids", "attention_mask"]
    tokenizer_class = GPT2TokenizerFast if year == "2023" else BertTokenizerFast
    wrapper.tokenizer = tokenizer_class(tokenizer_file=str(tokenizer_file))
    if year == "2023":
        wrapper.tokenizer.add_special_tokens({"pad_token": "!"})
    else:
        wrapper.token_keys.append("token_type_ids")
    return wrapper


@torch.no_grad()
def embed(wrapper: CLAPWrapper, clips: numpy.ndarray) -> torch.Tensor:
    """Of clips at the model's rate; where the reference draws a window by lot it is the first."""
    rate = wrapper.args.sampling_rate
    sounds = [torch.from_numpy(clip) for clip in clips]
    wrapper.read_audio = lambda clip, resample: (sounds[clip], rate)
    with mock.patch("random.randrange", lambda _: 0):
        return wrapper.get_audio_embeddings(range(len(sounds)))
