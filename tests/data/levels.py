"""The error of revision, and where all families of sources together are: an independent computation.

Revision: the root mean square of the differences between successive rounds of one family of sources, on the log scale. Rounds
with figures of the same years differ by the mean of these; others by their last figures, beyond what the mean path of the trend
makes of the years between: expected cases, a mean growth of the rate, and its part that depends on the growth of expected cases
from the earlier year on, over five years at least. The squares of the regions of one revision are averaged first.
Consensus: the posterior of mu in ybar_k = mu + f_k + e_k with a flat prior on mu and DuMouchel's on tau,
by adaptive quadrature over tau and a root search for the quantiles. numpy, scipy.
"""

import json

import numpy as np
from scipy import integrate, optimize, stats

GROWTH = 0.01
ELASTICITY = 0.8
# Expected cases of an invented region; the years between have those of the last stated year.
STATED = {2016: 100.0, 2018: 104.0, 2019: 106.5, 2020: 109.0, 2021: 111.0, 2022: 114.0, 2024: 120.0}
EXPECTED = {year: STATED[max(y for y in STATED if y <= year)] for year in range(2016, 2036)}
# (family, source, year, cases), the last one at hand. A2 and A3 both have a figure of 2019.
FIGURES = [
    ("A", "A1", 2016, 900.0),
    ("A", "A2", 2019, 1010.0),
    ("A", "A3", 2019, 940.0),
    ("A", "A3", 2021, 980.0),
    ("B", "B1", 2018, 1150.0),
    ("B", "B2", 2022, 1390.0),
    ("C", "C1", 2020, 1020.0),
]
OWN = ("B", "B3", 2024, 1480.0)
# A region without population, which only family A estimates.
GROWTH_OF_COUNTS = 0.02
OTHER_REGION = [("A", "a1", 2016, 50.0), ("A", "a2", 2019, 61.0)]


def path(a, b):
    """The log of the growth from one year to a later one."""
    end = max(b, a + 5)
    mean = (np.log(EXPECTED[end]) - np.log(EXPECTED[a])) / (end - a)
    return np.log(EXPECTED[b] / EXPECTED[a]) + (b - a) * (GROWTH + (ELASTICITY - 1) * mean)


def revision():
    by_revision = {}

    def add(figures, growth):
        for family in "ABC":
            rounds = {}
            for f, source, year, cases in figures:
                if f == family:
                    rounds.setdefault(source, {})[year] = cases
            rounds = sorted(rounds.values(), key=max)
            for old, new in zip(rounds, rounds[1:]):
                a, b = max(old), max(new)
                common = [np.log(new[y] / old[y]) for y in old if y in new]
                d = np.mean(common) if common else np.log(new[b] / old[a]) - growth(a, b)
                by_revision.setdefault((family, a, b), []).append(d**2)

    add(FIGURES, path)
    add(OTHER_REGION, lambda a, b: GROWTH_OF_COUNTS * (b - a))
    return np.sqrt(np.mean([np.mean(squares) for squares in by_revision.values()])), len(by_revision)


def consensus(sd, probabilities):
    means, variances = [], []
    for family in "ABC":
        last = {source: (y, c) for f, source, y, c in FIGURES if f == family}
        levels = [np.log(c / OWN[3]) + path(y, OWN[2]) for y, c in last.values()]
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

    return [float(np.exp(optimize.brentq(lambda x: below(x) - p, -6, 6, xtol=1e-12))) for p in probabilities]


sd, pairs = revision()
factor, quartiles = consensus(sd, (0.025, 0.5, 0.975)), consensus(sd, (0.25, 0.75))
print(json.dumps({"revision": float(sd), "pairs": pairs, "factor": factor, "quartiles": quartiles}))
