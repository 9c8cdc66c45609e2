"""The command line of a zygote, wrapped in bubblewrap at level L2."""

from __future__ import annotations

import importlib.util
import os
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

# Any number that is no account's: it owns nothing.
UNPRIVILEGED_UID = 64113
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "LC_ALL": "C.UTF-8",
    # One thread: Landlock confines the calling thread alone.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
}


def zygote_command(level: str, fd: int) -> list[str]:
    """Return the command that starts a zygote at a level, connected to `fd`."""
    readable = _readable()
    home = str(Path(__file__).resolve().parent.parent)
    code = (
        f"import sys; sys.path[:] = [{home!r}, *sys.path, *{_packages()!r}]; "
        "from grader.zygote import main; "
        f"sys.path.remove({home!r}); main({fd}, {readable!r}, {UNPRIVILEGED_UID})"
    )
    python = [os.path.abspath(sys.executable), "-I", "-c", code]
    return _bubblewrap(readable) + python if level == "L2" else python


def _readable() -> list[str]:
    """Return the folders that Python, NumPy and msgspec are imported from."""
    found = {sys.prefix, sys.base_prefix, "/usr/lib", "/lib", "/lib64", "/usr/local/lib"}
    found |= {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    found |= set(_packages())
    folders = sorted(folder for folder in found if os.path.isdir(folder))
    return [f for f in folders if not any(f.startswith(other + "/") for other in folders)]


def _packages() -> list[str]:
    """Return the folders of the packages that a worker needs, wherever they were installed."""
    specs = [importlib.util.find_spec(package) for package in ("numpy", "msgspec")]
    folders = [str(Path(spec.origin).parent.parent) for spec in specs if spec and spec.origin]
    return list(dict.fromkeys(folders))


def _bubblewrap(readable: Sequence[str]) -> list[str]:
    """Return the bubblewrap command up to the program that it wraps."""
    if os.geteuid() == 0:
        # Root needs no user namespace, and one would keep the uid 0 that limits do not bind.
        privileges = ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
        namespaces = ["--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts"]
    else:
        privileges = ["--cap-drop", "ALL"]
        namespaces = ["--unshare-all", "--unshare-user", "--disable-userns"]
    links = ["lib", "lib32", "lib64", "bin"]
    system = ["--ro-bind", "/usr", "/usr"]
    for name in links:
        path = Path("/", name)
        if path.is_symlink():
            system += ["--symlink", os.readlink(path), str(path)]
        elif path.is_dir():
            system += ["--ro-bind", str(path), str(path)]
    system += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    system += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", "/tmp"]
    for folder in [*readable, str(Path(__file__).resolve().parent)]:
        if not folder.startswith(("/usr/", "/lib")):
            # The folders above it are made anew, and must let another uid through.
            above = [str(parent) for parent in reversed(Path(folder).parents)][1:]
            system += [part for name in above for part in ("--perms", "0755", "--dir", name)]
            system += ["--ro-bind", folder, folder]
    end = ["--die-with-parent", "--new-session", "--clearenv"]
    variables = [part for item in ENVIRONMENT.items() for part in ("--setenv", *item)]
    return ["bwrap", *namespaces, *privileges, *end, *variables, *system]
