"""The part of the EPANET toolkit that the peer scripts use, over ctypes.

EPANET 2.3 is the library that the Python package owa-epanet ships, 2.2 the one of wntr;
setup.py unpacks them into lib/ below the peers folder (environment variable
BLACKSTART_PEERS). 2.3 is used unless `use` chooses the other. Names follow the toolkit's C
header without the prefix EN_. Error codes raise, warning codes warn.
"""

import ctypes
import os
import warnings
from ctypes import byref, c_char_p, c_double, c_int, c_long, c_void_p, create_string_buffer
from pathlib import Path

# Object counts, node and link types.
NODECOUNT, LINKCOUNT, PATCOUNT, CONTROLCOUNT, RULECOUNT = 0, 2, 3, 5, 6
JUNCTION, RESERVOIR, TANK = 0, 1, 2
CVPIPE, PIPE, PUMP, PRV, PSV, PBV, FCV = 0, 1, 2, 3, 4, 5, 6
# Node and link properties.
ELEVATION, TANKLEVEL, HEAD, MINVOLUME = 0, 8, 10, 18
DIAMETER, LENGTH, ROUGHNESS, MINORLOSS, INITSTATUS, INITSETTING = 0, 1, 2, 3, 4, 5
FLOW, STATUS, SETTING, PUMP_HCURVE = 8, 11, 12, 19
# Times, options, demand models, saving.
DURATION, HYDSTEP, PATTERNSTEP, REPORTSTEP, STARTTIME, HTIME = 0, 1, 3, 5, 10, 11
TRIALS, ACCURACY, DEMANDMULT, UNBALANCED = 0, 1, 4, 14
DDA, PDA = 0, 1
NOSAVE = 0

_ID_BYTES = 128
_LIBRARIES = {"2.3": "libepanet2.so", "2.2": "libepanet22.so"}
_loaded = {}


def _library(version):
    if version not in _loaded:
        folder = Path(os.environ["BLACKSTART_PEERS"]) / "lib"
        # Symbols stay within each library: both define the same names.
        _loaded[version] = ctypes.CDLL(str(folder / _LIBRARIES[version]), os.RTLD_LOCAL)
    return _loaded[version]


_now = {"library": _library("2.3")}


def use(version):
    """Takes this version from now on; projects of another one are of no use to it."""
    _now["library"] = _library(version)


def _call(name, *arguments):
    code = getattr(_now["library"], "EN_" + name)(*arguments)
    if 0 < code < 100:
        warnings.warn(f"EPANET warning {code}", stacklevel=3)
    elif code:
        raise RuntimeError(f"EPANET error {code} in {name}")


# The bytes of ids that came from a file, by their text: files are in any encoding.
_BYTES = {}


def _text(text):
    return c_char_p(_BYTES.get(text) or str(text).encode("latin-1", "replace"))


def _one(kind, name, *arguments):
    value = kind()
    _call(name, *arguments, byref(value))
    return value.value


def _id(name, *arguments):
    buffer = create_string_buffer(_ID_BYTES)
    _call(name, *arguments, buffer)
    try:
        text = buffer.value.decode("utf-8")
    except UnicodeDecodeError:
        text = buffer.value.decode("latin-1")
    _BYTES[text] = buffer.value
    return text


def createproject():
    ph = c_void_p()
    _call("createproject", byref(ph))
    return ph


def deleteproject(ph):
    _call("deleteproject", ph)


def open(ph, inp, report, out):  # noqa: A001, the toolkit's own name
    _call("open", ph, os.fsencode(inp), os.fsencode(report), os.fsencode(out))


def close(ph):
    _call("close", ph)


def openH(ph):
    _call("openH", ph)


def initH(ph, flag):
    _call("initH", ph, c_int(flag))


def runH(ph):
    return _one(c_long, "runH", ph)


def nextH(ph):
    return _one(c_long, "nextH", ph)


def closeH(ph):
    _call("closeH", ph)


def getcount(ph, what):
    return _one(c_int, "getcount", ph, c_int(what))


def getflowunits(ph):
    return _one(c_int, "getflowunits", ph)


def getoption(ph, what):
    return _one(c_double, "getoption", ph, c_int(what))


def setoption(ph, what, value):
    _call("setoption", ph, c_int(what), c_double(value))


def gettimeparam(ph, what):
    return _one(c_long, "gettimeparam", ph, c_int(what))


def settimeparam(ph, what, value):
    _call("settimeparam", ph, c_int(what), c_long(int(value)))


def setdemandmodel(ph, model, least, required, exponent):
    _call("setdemandmodel", ph, c_int(model), c_double(least), c_double(required),
          c_double(exponent))


def getnodetype(ph, node):
    return _one(c_int, "getnodetype", ph, c_int(node))


def getnodevalue(ph, node, what):
    return _one(c_double, "getnodevalue", ph, c_int(node), c_int(what))


def getnodeid(ph, node):
    return _id("getnodeid", ph, c_int(node))


def getnodeindex(ph, name):
    return _one(c_int, "getnodeindex", ph, _text(name))


def addnode(ph, name, kind):
    return _one(c_int, "addnode", ph, _text(name), c_int(kind))


def setjuncdata(ph, node, elevation, demand, pattern):
    _call("setjuncdata", ph, c_int(node), c_double(elevation), c_double(demand), _text(pattern))


def getnumdemands(ph, node):
    return _one(c_int, "getnumdemands", ph, c_int(node))


def getbasedemand(ph, node, category):
    return _one(c_double, "getbasedemand", ph, c_int(node), c_int(category))


def getdemandpattern(ph, node, category):
    return _one(c_int, "getdemandpattern", ph, c_int(node), c_int(category))


def getlinktype(ph, link):
    return _one(c_int, "getlinktype", ph, c_int(link))


def getlinkvalue(ph, link, what):
    return _one(c_double, "getlinkvalue", ph, c_int(link), c_int(what))


def setlinkvalue(ph, link, what, value):
    _call("setlinkvalue", ph, c_int(link), c_int(what), c_double(value))


def getlinkid(ph, link):
    return _id("getlinkid", ph, c_int(link))


def getlinkindex(ph, name):
    return _one(c_int, "getlinkindex", ph, _text(name))


def getlinknodes(ph, link):
    start, end = c_int(), c_int()
    _call("getlinknodes", ph, c_int(link), byref(start), byref(end))
    return start.value, end.value


def setlinknodes(ph, link, start, end):
    _call("setlinknodes", ph, c_int(link), c_int(start), c_int(end))


def addlink(ph, name, kind, start, end):
    return _one(c_int, "addlink", ph, _text(name), c_int(kind), _text(start), _text(end))


def setpipedata(ph, link, length, diameter, roughness, minor_loss):
    _call("setpipedata", ph, c_int(link), c_double(length), c_double(diameter),
          c_double(roughness), c_double(minor_loss))


def getcurvelen(ph, curve):
    return _one(c_int, "getcurvelen", ph, c_int(curve))


def getcurvevalue(ph, curve, point):
    x, y = c_double(), c_double()
    _call("getcurvevalue", ph, c_int(curve), c_int(point), byref(x), byref(y))
    return x.value, y.value


def getpatternlen(ph, pattern):
    return _one(c_int, "getpatternlen", ph, c_int(pattern))


def getpatternvalue(ph, pattern, period):
    return _one(c_double, "getpatternvalue", ph, c_int(pattern), c_int(period))


def getcontrol(ph, control):
    """Type, link, setting, node, level."""
    kind, link, node = c_int(), c_int(), c_int()
    setting, level = c_double(), c_double()
    _call("getcontrol", ph, c_int(control), byref(kind), byref(link), byref(setting),
          byref(node), byref(level))
    return kind.value, link.value, setting.value, node.value, level.value


def getruleactions(ph, rule):
    """Links that a rule acts on."""
    counts = [c_int(), c_int(), c_int()]
    _call("getrule", ph, c_int(rule), *(byref(c) for c in counts), byref(c_double()))
    links = set()
    for name, count in [("getthenaction", counts[1]), ("getelseaction", counts[2])]:
        for action in range(1, count.value + 1):
            link = c_int()
            _call(name, ph, c_int(rule), c_int(action), byref(link), byref(c_int()),
                  byref(c_double()))
            links.add(link.value)
    return links
