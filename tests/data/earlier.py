"""Third-line starts of cohorts that begin before the first given year, and the share of them that does.

    python3 earlier.py > earlier.json

Weibull sojourn times in first and second line, 65 % and 55 % of whom go on; 3,200 new cases in 2019, growing by
3.2 % a year, diagnosed at a steady rate through each year; before 2019 by that growth shrunk by the counting error of the counts
of 2019 and 2024. Starts of third line by calendar year when the cohorts
begin in 1979, when they begin in 2019, and the share of the first that the second lacks. SciPy quadrature.
"""
import json
import math

from scipy.integrate import quad

FIRST, BACK, LAST = 2019, 40, 2040
GROWTH = 1.032


def cdf(shape, scale):
    return lambda t: -math.expm1(-((t / scale) ** shape)) if t > 0 else 0.0


F1, F2 = cdf(1.1, 3.0), cdf(0.95, 2.0)


def integral(t):
    """The integral of the distribution function of the sum from 0 to t."""
    if t <= 0:
        return 0.0
    points = [p * t for p in (1e-4, 1e-2, 0.1, 0.5, 0.9, 0.99, 0.9999)]
    return quad(lambda s: F1(s) * F2(t - s), 0, t, points=points, epsabs=1e-12, epsrel=1e-12, limit=400)[0]


lags = LAST - FIRST + BACK + 1
ints = [integral(t) for t in range(lags + 1)]
ended = [ints[t + 1] - ints[t] for t in range(lags)]
part = [ended[0]] + [ended[t] - ended[t - 1] for t in range(1, lags)]
# Growth of registries in the long run: the parameters in src/figures/registry_trend.json.
TAU2 = 0.0072**2 / (1 - 0.886**2) + 0.0127**2
COUNTING2 = (1 / 3200.0 + 1 / (3200.0 * GROWTH**5)) / 5**2
SHRUNK = GROWTH ** (TAU2 / (TAU2 + COUNTING2))
cases = {FIRST + i: 3200.0 * (GROWTH if i > 0 else SHRUNK) ** i for i in range(-BACK, LAST - FIRST + 1)}


def starts(year, first):
    return 0.65 * 0.55 * sum(part[year - c] * n for c, n in cases.items() if first <= c <= year)


rows = []
for year in (2019, 2020, 2025, 2030, 2040):
    whole, empty = starts(year, FIRST - BACK), starts(year, FIRST)
    rows.append({"year": year, "continued": whole, "empty": empty, "lacking": 1 - empty / whole})
json.dump({"growth": GROWTH, "rows": rows}, __import__("sys").stdout, indent=1)
print()
