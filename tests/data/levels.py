"""The error of revision, and where all families of sources together are: an independent computation.

Revision: the root mean square of the differences between successive rounds of one family of sources, on the log scale,
beyond what population (expected cases, given below, with an elasticity) and a mean growth of the rate make of the years between.
Consensus: the posterior of mu in ybar_k = mu + f_k + e_k with a flat prior on mu and DuMouchel's on tau,
by adaptive quadrature over tau and a root search for the quantiles. numpy, scipy.
"""

import json

import numpy as np
from scipy import integrate, optimize, stats

GROWTH = 0.01
ELASTICITY = 0.8
# Expected cases of an invented region, by year.
EXPECTED = {2016: 100.0, 2018: 104.0, 2019: 106.5, 2020: 109.0, 2021: 111.0, 2022: 114.0, 2024: 120.0}
# (family, source, year, cases), the last one at hand.
FIGURES = [
    ("A", "A1", 2016, 900.0),
    ("A", "A2", 2019, 1010.0),
    ("A", "A3", 2021, 980.0),
    ("B", "B1", 2018, 1150.0),
    ("B", "B2", 2022, 1390.0),
    ("C", "C1", 2020, 1020.0),
]
OWN = ("B", "B3", 2024, 1480.0)


def level(year, cases):
    return np.log(cases) - ELASTICITY * np.log(EXPECTED[year]) - GROWTH * year


def revision():
    squares = []
    for family in "ABC":
        rounds = sorted((y, c) for f, _, y, c in FIGURES if f == family)
        levels = [level(*r) for r in rounds]
        squares += [(b - a) ** 2 for a, b in zip(levels, levels[1:])]
    return np.sqrt(np.mean(squares)), len(squares)


def consensus(sd):
    own = level(*OWN[2:])
    means, variances = [], []
    for family in "ABC":
        levels = [level(y, c) - own for f, _, y, c in FIGURES if f == family]
        if family == OWN[0]:
            levels.append(0.0)
        means.append(np.mean(levels))
        variances.append(sd**2 / 2 / len(levels))
    means, variances = np.array(means), np.array(variances)
    s0 = np.sqrt(len(means) / np.sum(1 / variances))

    def given(tau):
        w = 1 / (variances + tau**2)
        mu = np.sum(w * means) / np.sum(w)
        marginal = np.prod(np.sqrt(w)) / np.sqrt(np.sum(w)) * np.exp(-0.5 * np.sum(w * (means - mu) ** 2))
        return mu, 1 / np.sum(w), marginal * s0 / (s0 + tau) ** 2

    def integral(f):
        edges = [0, 0.01, 0.03, 0.1, 0.3, 1, 3, 30, 300]
        return sum(integrate.quad(f, a, b, epsabs=0, epsrel=1e-10, limit=400)[0] for a, b in zip(edges, edges[1:]))

    total = integral(lambda t: given(t)[2])

    def below(x):
        def f(t):
            mu, v, p = given(t)
            return p * stats.norm.cdf(x, mu, np.sqrt(v))

        return integral(f) / total

    return [float(np.exp(optimize.brentq(lambda x: below(x) - p, -6, 6, xtol=1e-12))) for p in (0.025, 0.5, 0.975)]


sd, pairs = revision()
print(json.dumps({"revision": float(sd), "pairs": pairs, "factor": consensus(sd)}))
