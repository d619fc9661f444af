import torchvision_operators  # noqa: F401 - before any reference is imported

import pytest
from device_probe import DeviceProbe


@pytest.fixture(scope="session")
def devices(tools) -> DeviceProbe:
    return DeviceProbe(tools)
