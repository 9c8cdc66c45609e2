#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image for the autograder.
set -euo pipefail

root="${AUTOGRADER_ROOT:-/autograder}"
export DEBIAN_FRONTEND=noninteractive

apt-get update
apt-get install -y --no-install-recommends python3 python3-venv
# The better of the two sandboxes. Where it is missing, or does not work in this container,
# the worker confines itself.
apt-get install -y --no-install-recommends bubblewrap || echo "There is no bubblewrap here."

new_enough() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if new_enough "$name"; then
            echo "$name"
            return
        fi
    done
}

python="$(find_python)"
if [ -z "$python" ]; then
    # An image whose own Python is older: take a newer one from the same distribution.
    apt-get install -y --no-install-recommends python3.12 python3.12-venv ||
        apt-get install -y --no-install-recommends python3.11 python3.11-venv
    python="$(find_python)"
fi
if [ -z "$python" ]; then
    echo "The course needs Python 3.11 or newer. Choose a newer base image." >&2
    exit 1
fi

"$python" -m venv "$root/venv"
cd "$root/source"
"$root/venv/bin/python" -c '
import tomllib
with open("pyproject.toml", "rb") as file:
    print(*tomllib.load(file)["project"]["dependencies"], sep="\n")
' > "$root/requirements.txt"
"$root/venv/bin/python" -m pip install --disable-pip-version-check -r "$root/requirements.txt"

# Fail here, where the instructor sees it, and not when the first student hands in.
"$root/venv/bin/python" -m grader.gradescope.run --root "$root" --self-test
