"""Profile-likelihood limits of straight lines that come to 0 at the first or the last count. A line of counts is not below
0 at any count: held at a slope its intercept is at least 0 and at least -slope*T, held at an intercept its slope is at
least -intercept/T, with the time T of the last count. Where no intercept down to 0 is rejected the limit is `null`, the
end of the domain.

    python3 tests/data/lines_at_zero.py > tests/data/lines_at_zero.json
"""

import json

import numpy as np
from scipy import optimize, stats
from scipy.special import xlogy

SERIES = [
    [18, 18, 18, 17, 10, 20, 14, 15, 4, 5, 5, 3, 8, 7, 3, 3, 1, 10],
    [5, 4, 1, 8, 3, 4, 1, 6, 3, 2, 1, 4, 0, 3, 1, 1],
    [894, 745, 688, 678, 603, 472, 471, 414, 316, 362, 277, 275, 279, 241, 259, 197, 191, 174, 176, 130, 138],
    [2, 3, 3, 13, 13, 17, 10, 13],
    [7, 9, 12, 10, 10, 7, 4, 8, 2, 8, 4, 4, 1, 4, 1],
    [13, 9, 3, 8, 8, 5, 3, 4, 3],
    [9, 8, 8, 6, 7, 3, 4, 4, 2, 3, 2, 3, 0],
    [0, 2, 2, 3, 4, 3, 5, 6, 5, 8],
]


def loss(likelihood, y, mean):
    if likelihood == "gaussian":
        return np.sum((y - mean) ** 2)
    mean = np.maximum(mean, 0)
    if np.any((mean == 0) & (y > 0)):
        return np.inf
    return 2 * np.sum(mean - y + xlogy(y, np.where(y > 0, y, 1) / np.where(mean > 0, mean, 1)))


def least(likelihood, t, y, which, held):
    """The least loss over the other parameter, and that parameter."""
    other_from = max(0.0, -held * t[-1]) if which == 1 else -held / t[-1]
    line = (lambda x: x + held * t) if which == 1 else (lambda x: held + x * t)
    f = lambda x: loss(likelihood, y, line(x))
    if likelihood == "gaussian":
        free = np.mean(y - held * t) if which == 1 else np.sum((y - held) * t) / np.sum(t * t)
        x = max(other_from, free)
        return f(x), x
    # In counts of width that shrinks about the lowest place: the loss is convex.
    low, high = other_from, other_from + 4 * (np.max(y) + 1)
    found = optimize.minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": 1e-12 * (high - low)})
    return min((f(low), low), (found.fun, found.x))


def limits(likelihood, t, y, level):
    n = len(y)
    of_slope = lambda slope: least(likelihood, t, y, 1, slope)[0]
    scale = (np.max(y) + 1) / t[-1]
    grid = np.linspace(-scale, scale, 2001)
    i = int(np.argmin([of_slope(s) for s in grid]))
    fit = optimize.minimize_scalar(
        of_slope, bounds=(grid[max(0, i - 1)], grid[min(2000, i + 1)]), method="bounded", options={"xatol": 1e-12}
    )
    slope, lowest = fit.x, fit.fun
    intercept = least(likelihood, t, y, 1, slope)[1]
    if min(intercept, intercept + slope * t[-1]) < 1e-3:
        return None
    factor, q = 1.0, stats.norm.ppf(0.5 + level / 2)
    if likelihood == "gaussian":
        factor, q = lowest / (n - 2), stats.t.ppf(0.5 + level / 2, n - 2)
    both = []
    for which, centre in ((0, intercept), (1, slope)):
        excess = lambda x: np.sqrt(max(0.0, (least(likelihood, t, y, which, x)[0] - lowest) / factor)) - q
        ends = []
        for side in (-1, 1):
            if which == 0 and side < 0 and excess(0.0) < 0:
                ends.append(None)
                continue
            far = 0.01 * abs(centre) + 1e-4
            while excess(centre + side * far) < 0:
                far *= 1.5
            far = min(far, centre) if which == 0 and side < 0 else far
            root = optimize.brentq(lambda d: min(excess(centre + side * d), 1e9), 0, far, xtol=1e-12)
            ends.append(centre + side * root)
        both.append(ends)
    return both


def main():
    rows = []
    for number, counts in enumerate(SERIES):
        y = np.array(counts, float)
        t = np.arange(len(y), dtype=float)
        for likelihood in ("gaussian", "poisson"):
            for level in (0.8, 0.95, 0.999):
                both = limits(likelihood, t, y, level)
                if both is not None:
                    rows.append([number, likelihood, level, *both])
    print(json.dumps({"series": SERIES, "limits": rows}, indent=None))


main()
