"""What the benchmark needs: pinned peers, public cases, our programs."""

import importlib.util
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
ROOT = BENCH.parent
CACHE = Path(os.environ.get("BLACKSTART_BENCH", ROOT / ".cache" / "bench"))
PEERS = Path(os.environ.get("BLACKSTART_PEERS", ROOT / ".cache" / "peers"))


def comparison_tests():
    """The set-up of the comparison tests, which fetches the public cases."""
    path = ROOT / "testdata" / "peers" / "setup.py"
    spec = importlib.util.spec_from_file_location("peers_setup", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def python():
    """The Python of the benchmark's own environment, made when the pins changed."""
    tests = comparison_tests()
    requirements = BENCH / "requirements.txt"
    folder = CACHE / "venv"
    stamp = folder / "blackstart.stamp"
    key = tests.digest(requirements) + sys.version
    path = folder / "bin" / "python"
    if not tests.done(stamp, key):
        print("bench: installing the peers", file=sys.stderr, flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, with_pip=True)
        tests.run(path, "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
                  "--only-binary=:all:", "--require-hashes", "-r", requirements)
        stamp.write_text(key)
    return path


def networks():
    """Folder of the MATPOWER cases, fetched by the comparison tests' set-up."""
    folder = PEERS / "networks" / "matpower"
    if not folder.is_dir():
        PEERS.mkdir(parents=True, exist_ok=True)
        comparison_tests().unpack_networks(python(), PEERS)
    return folder


def programs(build):
    """Our programs, built for release: (worker, blackstart)."""
    if build:
        subprocess.run(["cargo", "build", "--release", "--quiet", "-p", "blackstart-bench",
                        "-p", "blackstart-cli"], cwd=ROOT, check=True)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    if not target.is_absolute():
        target = ROOT / target
    return target / "release" / "grid_worker", target / "release" / "blackstart"


def machine():
    """The machine in words, without names."""
    model, caches = "unknown processor", ""
    try:
        text = Path("/proc/cpuinfo").read_text()
        model = next(line.split(":", 1)[1].strip() for line in text.splitlines()
                     if line.startswith("model name"))
        cache = Path("/sys/devices/system/cpu/cpu0/cache")
        sizes = [(int((p / "level").read_text()), (p / "size").read_text().strip())
                 for p in cache.glob("index*")
                 if (p / "type").read_text().strip() in ("Data", "Unified")]
        caches = ", ".join(f"L{level} {size}" for level, size in sorted(sizes))
        wide = "AVX-512" if " avx512f " in text else "AVX2" if " avx2 " in text else "no AVX2"
        model += f" with {wide}"
        memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    except (OSError, StopIteration, ValueError):
        return model
    rustc = subprocess.run(["rustc", "--version"], cwd=ROOT, capture_output=True, text=True)
    return (f"{model}, {os.cpu_count()} cores ({caches}), {memory:.0f} GiB, "
            f"{' '.join(rustc.stdout.split()[:2])}, Python {sys.version.split()[0]}")
