"""Reading a case file into tables. Result: numbers of buses, branches and generators, and
the sums of demand and of branch reactance."""

import numpy as np


class Powerio:
    def __init__(self, case):
        import powerio
        self.read, self.path = powerio.parse, str(case.path)

    def run(self):
        self.module = self.read(self.path)

    def result(self):
        net = self.module.value
        return [net.n_buses, net.n_branches, net.n_generators]


class Frames:
    def __init__(self, case):
        from matpowercaseframes import CaseFrames
        self.read, self.path = CaseFrames, str(case.path)

    def run(self):
        self.frames = self.read(self.path)

    def result(self):
        f = self.frames
        return [len(f.bus), len(f.branch), len(f.gen), float(np.sum(f.bus["PD"])),
                float(np.sum(f.branch["BR_X"]))]


JOBS = {"read": {"powerio": Powerio, "matpowercaseframes": Frames}}
