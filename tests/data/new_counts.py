"""Quantiles of counts about a mean whose logarithm is normal: Poisson, negative binomial, φ times a Poisson count; the last two
also with φ = ν·φ̂/χ²(ν), or α likewise, by the midpoint rule over 8,000 cells of ln χ².

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


def estimated(mean, variance, alpha, dispersion, degrees, level, cells=8000):
    ends = np.log(stats.chi2.ppf(1e-9, degrees)), np.log(stats.chi2.isf(1e-9, degrees))
    x = ends[0] + (ends[1] - ends[0]) * (np.arange(cells) + 0.5) / cells
    w = np.exp(degrees * x / 2 - np.exp(x) / 2)
    w /= w.sum()
    factor = degrees / np.exp(x)
    unit = dispersion * factor if dispersion else np.ones(cells)
    # Beyond that a count is 0 all but surely.
    extra = np.minimum(alpha * factor, 1e6)
    widened = variance * (unit / mean + extra) / ((dispersion or 1) / mean + alpha)
    z = np.linspace(-7, 7, 281)
    wz = np.exp(-0.5 * z * z)
    wz /= wz.sum()
    means = mean / unit[:, None] * np.exp(np.minimum(np.sqrt(widened)[:, None] * z, 50))

    def below(value):
        k = np.floor(value / unit + 1e-12)[:, None]
        if alpha == 0:
            return float(w @ (stats.poisson.cdf(k, means) @ wz))
        return float(w @ (stats.nbinom.cdf(k, 1 / extra[:, None], 1 / (1 + extra[:, None] * means)) @ wz))

    ends = []
    for p in (0.5 - level / 2, 0.5 + level / 2):
        low, high = -1.0, 0.0
        while below(high) < p:
            low, high = high, 2 * high + mean
        while high > 0 and high - low > (1e-4 * high if dispersion else 0.5):
            middle = (low + high) / 2
            low, high = (low, middle) if below(middle) >= p else (middle, high)
        ends.append(float(high if dispersion else np.floor(high)))
    return ends


out = []
for level in (0.5, 0.8, 0.95, 0.99):
    levels = [0.5 - level / 2, 0.5 + level / 2]
    for mean in (0.3, 1.911, 5.0, 20.0, 100.0):
        for variance, alpha in ((0.0001, 0), (0.05, 0), (0.6, 0), (0.01, 0.02), (0.1, 0.7)):
            lower, upper = quantiles(mean, variance, alpha, levels)
            out.append(
                {"level": level, "mean": mean, "variance": variance, "alpha": alpha, "lower": lower, "upper": upper}
            )
for mean, variance, alpha, dispersion, degrees, level in (
    (2.0, 0.05, 0, 1.3, 8, 0.95),
    (5.0, 0.02, 0, 3.0, 13, 0.95),
    (20.0, 0.01, 0, 0.7, 10, 0.95),
    (3000.0, 0.6, 0, 2.0, 8, 0.95),
    (300.0, 0.05, 0, 4.0, 2, 0.95),
    (40.0, 0.3, 0, 2.0, 1, 0.95),
    (40.0, 0.05, 0, 2.0, 2, 0.99),
    (100.0, 0.01, 0.05, None, 3, 0.95),
    (20.0, 0.1, 0.2, None, 2, 0.95),
    (3.0, 0.1, 0.3, None, 6, 0.99),
):
    lower, upper = estimated(mean, variance, alpha, dispersion, degrees, level)
    case = {"level": level, "mean": mean, "variance": variance, "alpha": alpha, "degrees": degrees}
    case |= {"lower": lower, "upper": upper}
    out.append(case | ({"dispersion": dispersion} if dispersion else {}))
print(json.dumps(out, indent=0))
