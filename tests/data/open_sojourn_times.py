"""Ranges of shares where four exponential sojourn times are open: every median runs through five values, evenly on
the log scale, together with all others. By l lines of a cohort followed for T years the part
P(X1 + ... + Xl <= T) of those who ever leave line l has been seen; here by the matrix exponential of the chain (SciPy).
The share that goes on after line l is then (crude l / seen l) / (crude l-1 / seen l-1). Printed for
`tests/pathway/calibration.rs`.
"""

import itertools

import numpy as np
from scipy.linalg import expm

YEARS = 8.0
CRUDE = [0.5, 0.3, 0.15, 0.06]
RANGES = [(1.5, 2.5), (1.0, 2.0), (0.7, 1.4), (0.5, 1.2)]


def seen(medians):
    rates = np.log(2) / np.array(medians)
    n = len(rates)
    generator = np.zeros((n + 1, n + 1))
    for i, rate in enumerate(rates):
        generator[i, i] = -rate
        generator[i, i + 1] = rate
    occupied = expm(generator * YEARS)[0]
    return [1 - occupied[: line + 1].sum() for line in range(n)]


axes = [np.geomspace(low, high, 5) for low, high in RANGES]
shares = []
for medians in itertools.product(*axes):
    reached = np.array([1.0] + [c / s for c, s in zip(CRUDE, seen(medians))])
    share = reached[1:] / reached[:-1]
    if (share <= 1).all():
        shares.append(share)
shares = np.array(shares)
print(len(shares), "of", 5**4)
for line in range(4):
    print(line + 1, repr(shares[:, line].min()), repr(shares[:, line].max()))
ultimate = shares[:, 0] * shares[:, 1]
print("third line", repr(ultimate.min()), repr(ultimate.max()))
