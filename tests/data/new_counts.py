"""Quantiles of counts about a mean whose logarithm is normal: Poisson, negative binomial, and φ times a Poisson count
with φ = ν·φ̂/χ²(ν).

    python3 tests/data/new_counts.py > tests/data/new_counts.json
"""

import json

import numpy as np
from scipy import stats

def below(counts, mean, variance, alpha, points):
    z = np.linspace(-7, 7, points)
    w = np.exp(-0.5 * z * z)
    w /= w.sum()
    means = mean * np.exp(np.sqrt(variance) * z)[:, None]
    if alpha == 0:
        return w @ stats.poisson.cdf(counts[None, :], means)
    return w @ stats.nbinom.cdf(counts[None, :], 1 / alpha, 1 / (1 + alpha * means))


def quantiles(mean, variance, alpha, levels):
    counts = np.arange(0, 3 * int(mean * (1 + 5 * np.sqrt(variance + alpha)) + 20))
    table = below(counts, mean, variance, alpha, 701)
    return [int(np.searchsorted(table, level)) for level in levels]


def quasi(mean, variance, dispersion, degrees, levels):
    n = 40
    factors = degrees / stats.chi2.ppf((np.arange(n) + 0.5) / n, degrees)
    tables = []
    for factor in factors:
        unit = dispersion * factor
        counts = np.arange(0, int(30 * (mean + 10 * np.sqrt(unit * mean)) / unit + 50))
        tables.append((unit, below(counts, mean / unit, variance * factor, 0, 141)))
    values = np.arange(0, 40 * mean + 100, 0.002 * mean)
    total = sum(table[np.minimum((values / unit + 1e-9).astype(int), len(table) - 1)] for unit, table in tables) / n
    return [float(values[np.searchsorted(total, level)]) for level in levels]


out = []
for level in (0.5, 0.8, 0.95, 0.99):
    levels = [0.5 - level / 2, 0.5 + level / 2]
    for mean in (0.3, 1.911, 5.0, 20.0, 100.0):
        for variance, alpha in ((0.0001, 0), (0.05, 0), (0.6, 0), (0.01, 0.02), (0.1, 0.7)):
            lower, upper = quantiles(mean, variance, alpha, levels)
            out.append(
                {"level": level, "mean": mean, "variance": variance, "alpha": alpha, "lower": lower, "upper": upper}
            )
for mean, variance, dispersion, degrees in ((2.0, 0.05, 1.3, 8), (5.0, 0.02, 3.0, 13), (20.0, 0.01, 0.7, 10)):
    lower, upper = quasi(mean, variance, dispersion, degrees, [0.025, 0.975])
    out.append(
        {
            "level": 0.95,
            "mean": mean,
            "variance": variance,
            "alpha": 0,
            "dispersion": dispersion,
            "degrees": degrees,
            "lower": lower,
            "upper": upper,
        }
    )
print(json.dumps(out, indent=0))
