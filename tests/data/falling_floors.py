"""Upper limits (95 %) of the floor K of a logistic curve that falls, 1/y = (1 - c*e^(-rt))/K with 0 < c < 1 and r > 0.

The fit of each series is the exponential curve or one without a floor: y = e^u/(1 - g*D(t; k + g)) with k >= 0, from which floors begin at
the hyperbola 1/y = a + b*t, K = 0. Where the hyperbola is rejected, so is every floor, and the limit is 0. numpy, scipy:

    python3 tests/data/falling_floors.py > tests/data/falling_floors.json
"""

import json

import numpy as np
from scipy import optimize, stats
from scipy.special import xlogy

SERIES = [
    ("lognormal", [2500, 2193, 2443, 2192, 2091, 2318, 2008, 1914, 1932, 1634, 1773, 1523, 1485, 1238, 1223, 1235]),
    ("gaussian", [237, 171, 189, 161, 147, 134, 158, 142, 114, 112, 88, 77, 79, 76, 91, 69, 90]),
    ("gaussian", [926, 910, 851, 742, 659, 650, 598, 569, 513, 508, 424, 416, 434]),
    ("lognormal", [387, 366, 334, 328, 297, 311, 248, 235, 232, 187, 171]),
    ("gaussian", [5573, 5199, 5237, 4856, 4599, 4442, 4059, 3736, 4233, 3769, 3547, 3474, 3156]),
    ("lognormal", [2439, 2040, 2145, 2199, 1716, 1821, 1628, 1698, 1464, 1505, 1398, 1353, 1460, 1180, 1266, 983]),
    ("poisson", [6141, 6215, 5601, 4471, 4368, 4407, 3853, 3179, 3408]),
    ("poisson", [9361, 9773, 8021, 7203, 6388, 5735, 5514, 4835, 5181, 4372, 4096, 3798, 3814]),
]


def loss(likelihood, y, mean):
    if not np.all(np.isfinite(mean)) or (mean <= 0).any():
        return 1e300
    if likelihood == "gaussian":
        return np.sum((y - mean) ** 2)
    if likelihood == "lognormal":
        return np.sum(np.log(y / mean) ** 2)
    return 2 * np.sum(mean - y + xlogy(y, y / mean))


def least(f, starts):
    """By Nelder and Mead, twice from each start."""
    options = dict(xatol=1e-11, fatol=1e-13, maxiter=6000, maxfev=6000)
    search = lambda x: optimize.minimize(f, x, method="Nelder-Mead", options=options)
    return min(search(search(x).x).fun for x in starts)


def limit(likelihood, y):
    y = np.array(y, float)
    t = np.arange(len(y))
    level, growth = np.log(y[:3].mean()), np.polyfit(t, np.log(y), 1)[0]
    damped = lambda r: t if abs(r) < 1e-12 else -np.expm1(-r * t) / r

    def curve(x):
        with np.errstate(all="ignore"):
            return loss(likelihood, y, np.exp(x[0]) / (1 - x[1] * damped(np.exp(x[2]) + x[1])))

    def with_floor(floor, x):
        with np.errstate(all="ignore"):
            return loss(likelihood, y, floor / (1 - np.exp(-np.exp(x[0]) - np.exp(x[1]) * t)))

    def profile(floor):
        share = max(1 - floor / y[0], 0.02)
        return least(lambda x: with_floor(floor, x), [(np.log(-np.log(share)), np.log(r)) for r in (0.003, 0.01, 0.03, 0.1, 0.3, 1)])

    exponential = least(lambda x: loss(likelihood, y, np.exp(x[0] + x[1] * t)), [(level, growth)])
    lowest = min(exponential, least(curve, [(level, growth, np.log(k)) for k in (1e-6, 0.01, 0.05, 0.2, 0.6)]))
    hyperbola = least(lambda x: loss(likelihood, y, 1 / (np.exp(x[0]) + np.exp(x[1]) * t)), [(-level, -level + np.log(-growth))])
    estimated = likelihood != "poisson"
    variance = lowest / (len(y) - 3) if estimated else 1.0
    quantile = stats.t.ppf(0.975, len(y) - 3) if estimated else stats.norm.ppf(0.975)
    excess = lambda value: np.sqrt(max(0, (value - lowest) / variance)) - quantile
    if excess(hyperbola) > 0:
        return 0.0
    return float(np.exp(optimize.brentq(lambda log: excess(profile(np.exp(log))), np.log(1e-3 * y[0]), np.log(0.9 * y[-1]), xtol=1e-9)))


rows = [[likelihood, y, limit(likelihood, y)] for likelihood, y in SERIES]
print("[" + ",\n ".join(map(json.dumps, rows)) + "]")
