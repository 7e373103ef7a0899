"""Straight lines through Poisson counts of which the first is 0: the most probable one begins at 0, and the upper 95 % limit of its
intercept a is where twice the loss of log-likelihood, over the slopes b with no mean below 0, comes to 3.841.

    python3 tests/data/lines_from_zero.py
"""

import numpy as np
from scipy import optimize, stats

SERIES = [[0, 1, 7, 8, 9, 4, 6, 12], [0, 2, 1, 4, 1, 8], [0, 1, 3, 3, 3], [0, 0, 0, 4, 1, 0, 2], [0, 10, 20, 30, 41, 50]]


def greatest(y, t, a):
    """Over the slope, from that with a mean of 0 at the last count on; the log-likelihood is concave."""
    def loss(b):
        mean = a + b * t
        return np.sum(mean) - np.sum(y[y > 0] * np.log(np.maximum(mean[y > 0], 1e-300)))
    low = -a / t[-1]
    return -optimize.minimize_scalar(loss, bounds=(low, low + 2 * max(y)), method="bounded", options={"xatol": 1e-13}).fun


for counts in SERIES:
    y, t = np.array(counts, float), np.arange(len(counts), dtype=float)
    best = greatest(y, t, 0.0)
    assert all(greatest(y, t, a) < best for a in (1e-4, 1e-2, 1))
    print(counts, optimize.brentq(lambda a: best - greatest(y, t, a) - stats.chi2.ppf(0.95, 1) / 2, 0, 50, xtol=1e-10))
y, t = np.array(SERIES[0], float), np.arange(8.0)
line = lambda a: np.sum(y[1:] * np.log(a + 1.9 * t[1:])) - 8 * a
print("slope 1.9", optimize.brentq(lambda a: line(0) - line(a) - stats.chi2.ppf(0.95, 1) / 2, 0, 50, xtol=1e-12))
