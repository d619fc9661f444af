"""Weights that tell towers apart.

The libraries' own initialisation gives every input nearly the same embedding: a tower that mixed up
its inputs would pass.
"""

import math

import torch
from transformers.modeling_utils import no_init_weights


@torch.no_grad()
def spread(model: torch.nn.Module, seed: int) -> None:
    """Draws every weight anew so that different inputs get clearly different embeddings."""
    generator = torch.Generator().manual_seed(seed)

    def normal(tensor: torch.Tensor, deviation: float, mean: float = 0.0) -> None:
        tensor.copy_(torch.randn(tensor.shape, generator=generator) * deviation + mean)

    for name, weight in model.named_parameters():
        if name.startswith("logit_scale"):
            weight.fill_(math.log(100.0))
        elif name == "logit_bias":
            weight.fill_(-12.5)
        elif (
            "norm" in name.lower() or "layrnorm" in name or name.startswith("ln_") or ".ln_" in name
            or (weight.ndim == 1 and name.endswith("weight"))
        ):  # fmt: skip
            normal(weight, 0.1, mean=1.0 if name.endswith("weight") else 0.0)
        elif name.endswith("bias"):
            normal(weight, 0.05)
        elif name.endswith("gamma"):
            normal(weight, 0.2, mean=0.8)
        elif "patch_embedding" in name or weight.dim() == 4:
            normal(weight, 2.0 / math.sqrt(weight[0].numel()))
        elif any(part in name for part in ("embed", "probe", "latent", "cls_token")):
            normal(weight, 0.3)
        else:
            normal(weight, 1.2 / math.sqrt(weight[0].numel()))


def make_spread(model_class: type, config, seed: int) -> torch.nn.Module:
    """A transformers model with such weights."""
    with no_init_weights():  # large models take a minute to draw what is then drawn again
        model = model_class(config).eval()
    spread(model, seed)
    return model
