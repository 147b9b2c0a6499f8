"""PSS/E cases as another program reads and writes them.

    python psse.py OUTDIR        writes OUTDIR/psse/read/*.m and OUTDIR/psse/written/*.raw

powerio reads the public PSS/E cases (networks/psse) and writes them as MATPOWER cases, and
reads the public MATPOWER cases and writes them as PSS/E cases of revision 33.
"""

import sys
from pathlib import Path

import powerio

# Larger ones say nothing that the others do not.
MOST_BYTES = 2_000_000


def convert(files, to, ending, folder):
    folder.mkdir(parents=True)
    for path in files:
        try:
            text = powerio.emit(powerio.parse(str(path)), to).artifacts[0].data
        except powerio.PowerIOError as error:
            print("powerio refuses", path.name, str(error)[:100])
            continue
        (folder / (path.stem + ending)).write_bytes(text)


def main():
    root = Path(sys.argv[1])
    out = root / "psse"
    cases = sorted((root / "networks" / "psse").glob("*.raw"))
    convert(cases, "matpower", ".m", out / "read")
    cases = sorted((root / "networks" / "matpower").glob("case*.m"))
    convert([p for p in cases if p.stat().st_size < MOST_BYTES], "psse", ".raw", out / "written")


if __name__ == "__main__":
    main()
