"""The error of revision, and where all families of sources together are: an independent computation.

Revision: the root mean square of the differences between successive rounds of one family of sources, on the log scale. Rounds
with figures of the same years differ by the mean of these; others by their last figures, beyond what the mean path of the trend
makes of the years between: expected cases, a mean growth of the rate, and its part that depends on the growth of expected cases
from the earlier year on, over five years at least. The squares of the regions of one revision are averaged first.
Consensus: the posterior of mu in ybar_k = mu + f_k + e_k with a flat prior on mu and DuMouchel's on tau,
by adaptive quadrature over tau, up to 10,000, and a root search for the quantiles. numpy, scipy.
Errors of figures: the same for sources of one year, each with half the square of the error of revision (modelled figures), the
square of its own error and 1/n (registered counts); of the source at hand the level and its variance by the filter of
trend_mixture.py, where the last figure alone says less. Draws of the trend's level, with the truth drawn given each.

    python3 tests/data/levels.py > tests/data/levels.json
"""

import json
import pathlib

import numpy as np
from scipy import integrate, optimize, stats

import trend_mixture

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


def weighted(levels):
    """Mean and variance of (level, variance) weighted by the variances."""
    w = np.array([1 / v for _, v in levels])
    return float(w @ [y for y, _ in levels] / w.sum()), float(1 / w.sum())


def mean_of_all(families, probabilities):
    """Quantiles of mu, from the mean level of each family and its variance."""
    means, variances = (np.array(x) for x in zip(*families))
    s0 = np.sqrt(len(means) / np.sum(1 / variances))

    def given(tau):
        w = 1 / (variances + tau**2)
        mu = np.sum(w * means) / np.sum(w)
        marginal = np.prod(np.sqrt(w)) / np.sqrt(np.sum(w)) * np.exp(-0.5 * np.sum(w * (means - mu) ** 2))
        return mu, 1 / np.sum(w), marginal * s0 / (s0 + tau) ** 2

    def integral(f):
        edges = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 30, 300, 10_000]
        return sum(integrate.quad(f, a, b, epsabs=0, epsrel=1e-10, limit=400)[0] for a, b in zip(edges, edges[1:]))

    total = integral(lambda t: given(t)[2])

    def below(x):
        def f(t):
            mu, v, p = given(t)
            return p * stats.norm.cdf(x, mu, np.sqrt(v))

        return integral(f) / total

    return [float(np.exp(optimize.brentq(lambda x: below(x) - p, -6, 6, xtol=1e-12))) for p in probabilities]


def consensus(sd, probabilities):
    families = []
    for family in "ABC":
        last = {source: (y, c) for f, source, y, c in FIGURES if f == family}
        levels = [(np.log(c / OWN[3]) + path(y, OWN[2]), sd**2 / 2) for y, c in last.values()]
        if family == OWN[0]:
            levels.append((0.0, sd**2 / 2))
        families.append(weighted(levels))
    return mean_of_all(families, probabilities)


ASSUMED = 0.03
# (status, revision, own figures with their errors, others of the last year: family, cases, error); no error is the assumed one.
WITH_ERRORS = [
    ("registered", 0.05, [(2019, 7.0, None), (2024, 9.0, None)], [("G", 14.0, None)]),
    ("registered", 0.05, [(2014, 40.0, 0.9), (2024, 12.0, 0.1)], [("G", 14.0, 0.4), ("H", 21.0, 0.1)]),
    ("estimate", 0.0, [(2019, 1100.0, 0.5), (2024, 1200.0, 0.5)], [("G", 900.0, 0.01), ("H", 910.0, 0.01)]),
    ("estimate", 0.0, [(2019, 1100.0, 0.01), (2024, 1200.0, 0.01)], [("G", 900.0, 0.01), ("H", 910.0, 0.5)]),
    ("estimate", 0.1, [(2019, 1100.0, 0.2), (2024, 1200.0, 0.1)], [("S", 1000.0, 0.3), ("G", 800.0, None)]),
    ("estimate", 0.0, [(2019, 1100.0, 0.2), (2024, 1200.0, 0.1)], [("G", 900.0, None)]),
]


def with_errors(status, revision, own, others):
    """Quantiles of the factor to mu."""
    counted = status == "registered"
    shipped = json.loads((pathlib.Path(__file__).parents[2] / "src/figures/registry_trend.json").read_text())
    p = dict(shipped["parameters"], elasticity=1.0)
    # A figure that states no error has the assumed one, unless the error of revision is known.
    error = lambda e, counted: e if e is not None else ASSUMED * counted
    case = dict(
        errors=trend_mixture.NONE, expected=None, expected_error=0.0, members=1.0, year=2024,
        counts=[(y, c) for y, c, _ in own], relative_error={y: error(e, counted) for y, _, e in own},
    )
    w, mean, variance, *_ = trend_mixture.components(case, p, shipped["sites"]["multiple_myeloma"]["effect"])
    _, cases, e = own[-1]
    level = float(w @ mean)
    of_trend = (level - np.log(cases), float(w @ (variance + (mean - level) ** 2)))
    of_figure = (0.0, error(e, counted) ** 2 + counted / cases)
    of_round = 0.0 if counted else revision**2 / 2
    y, v = min(of_trend, of_figure, key=lambda one: one[1])
    families = {"S": [(y, v + of_round)]}
    for family, n, e in others:
        # An exact figure beside others that err has the assumed error.
        families.setdefault(family, []).append((np.log(n / cases), error(e, False) ** 2 + revision**2 / 2))
    families = [weighted([(y, v if v > 0 else ASSUMED**2) for y, v in levels]) for levels in families.values()]
    return mean_of_all(families, (0.025, 0.5, 0.975))


sd, pairs = revision()
factor, quartiles = consensus(sd, (0.025, 0.5, 0.975)), consensus(sd, (0.25, 0.75))
cases = [
    {"status": status, "revision": s, "own": own, "others": others, "factor": with_errors(status, s, own, others)}
    for status, s, own, others in WITH_ERRORS
]
print(json.dumps({"revision": float(sd), "pairs": pairs, "factor": factor, "quartiles": quartiles, "with_errors": cases}))
