"""Shares that go on after each line such that the median survival from the start of each line is as published,
for exponential stays (median PFS) and an exponential last state (median OS of the last line that has one).
Survival by the matrix exponential of the transition rates; roots by Brent's method. Czech registry (Brozova et
al. 2017) and US electronic records (Braunlin et al. 2020) with the Czech stays.

    python3 survival_shares.py
"""
import numpy as np
from scipy.linalg import expm
from scipy.optimize import brentq

PFS = [21.0, 12.4, 8.9, 5.8]


def survival(shares, rates, t):
    n = len(rates)
    q = np.zeros((n, n))
    for i, r in enumerate(rates):
        q[i, i] = -r
        if i + 1 < n:
            q[i, i + 1] = shares[i] * r
    return expm(q * t)[0].sum()


for name, os in [("czech_rmg", [60.5, 34.3, 22.6, 13.8]), ("flatiron_us", [60, 48, 36, 29, 23])]:
    last = len(os) - 1
    rates = [np.log(2) / m for m in PFS[:last]] + [np.log(2) / os[last]]
    found = []
    for line in reversed(range(last)):
        f = lambda p: survival([p] + found, rates[line:], os[line]) - 0.5
        found.insert(0, brentq(f, 0, 1, xtol=1e-14))
    print(name, found)
# LocoMMotion: median PFS 4.6, OS 13.8 months, 152 of 248 had a further line: the mean last stay in months.
f = lambda m: survival([152 / 248], [np.log(2) / 4.6, 1 / m], 13.8) - 0.5
print("locommotion", brentq(f, 1, 200, xtol=1e-12))
