"""Makes the Python references importable beside LibTorch's own build of torch."""

import torch

# torchvision's compiled operators fit only the torch they were built with. What the references use
# of it is Python, but its import wants these two declared.
_operators = torch.library.Library("torchvision", "DEF")
for _name in ("nms", "qnms"):
    _operators.define(f"{_name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
