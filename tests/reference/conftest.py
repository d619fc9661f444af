import torchvision_operators  # noqa: F401 - before any reference is imported
