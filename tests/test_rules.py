"""Forbidden names are found however they are spelled plainly, and nothing else is."""

import pytest

from grader.rules import forbidden_uses

FORBID = ["scipy.signal", "torch", "numpy.pad"]


@pytest.mark.parametrize(
    ("source", "used"),
    [
        ("import torch", "torch"),
        ("import torch.nn as nn\nnn.Conv2d", "torch.nn.Conv2d"),
        ("from torch.nn import functional as F\nF.conv2d(x)", "torch.nn.functional.conv2d"),
        ("import scipy.signal\nscipy.signal.convolve2d(a, b)", "scipy.signal.convolve2d"),
        ("from scipy import signal\nsignal.correlate2d", "scipy.signal.correlate2d"),
        ("from scipy.signal import correlate2d as mine\nmine(a)", "scipy.signal.correlate2d"),
        ("from scipy.signal import *", "scipy.signal.*"),
        ("import numpy as np\nnp.pad(x, 1)", "numpy.pad"),
        ("import numpy as np\npad = np.pad\npad(x, 1)", "numpy.pad"),
        ("import numpy as np\ngetattr(np, 'pad')(x, 1)", "numpy.pad"),
        ("import numpy as np\nvars(np)['pad'](x, 1)", "numpy.pad"),
        ("import numpy as np\nnp.__dict__['pad'](x, 1)", "numpy.pad"),
        ("import importlib\nimportlib.import_module('torch').conv2d", "torch.conv2d"),
        ("from importlib import import_module as load\nload('torch')", "torch"),
        ("t = __import__('torch')\nt.nn", "torch.nn"),
        ("def f():\n    import torch\n    return torch.zeros", "torch.zeros"),
    ],
)
def test_a_forbidden_use_is_found(source: str, used: str) -> None:
    assert used in [name for _, name in forbidden_uses(source, FORBID)]


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.padding = 1\nnp.zeros(3)",
        "torch = 3\ntorch + 1",
        "import scipy.ndimage\nscipy.ndimage.shift",
        "'import torch'",
        "# import torch",
        "def pad(x):\n    return x\npad(1)",
        "import torchlight",
        "x.pad(1)",
    ],
)
def test_what_only_looks_like_one_is_not(source: str) -> None:
    assert forbidden_uses(source, FORBID) == []


def test_the_line_is_told() -> None:
    assert forbidden_uses("x = 1\n\nimport torch\n", FORBID) == [(3, "torch")]
