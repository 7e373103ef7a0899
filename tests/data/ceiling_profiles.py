"""Profile-likelihood limits of the capacity and the midpoint of logistic and Gompertz curves through random counts, by
the curves' natural formulae: K/(1 + e^(-r(t - m))) and K*exp(-e^(-r(t - m))).

Held at a midpoint the best capacity has a closed form, and the rate is searched on a grid and refined; held at a capacity
the midpoint is searched in the same way for each rate. Where there is no ceiling the curve is exponential, where there is
neither growth nor ceiling it is a constant:

- capacity and midpoint have no upper end where the exponential curve that does not fall is not rejected;
- where the constant is not rejected, a curve near it has any capacity (lower end 0) and any midpoint (no lower end).

    python3 tests/data/ceiling_profiles.py > tests/data/ceiling_profiles.json
"""

import json

import numpy as np
from scipy import optimize, stats
from scipy.special import xlogy

RATES = np.linspace(np.log(1e-4), np.log(8.0), 160)


def shape_of(curve, t, r, m):
    """The curve over its capacity."""
    with np.errstate(over="ignore", under="ignore"):
        x = np.exp(np.minimum(-r * (t - m), 690.0))
        return 1 / (1 + x) if curve == "logistic" else np.exp(-np.minimum(x, 690.0))


def loss(likelihood, y, mean):
    if likelihood == "gaussian":
        return np.sum((y - mean) ** 2)
    mean = np.maximum(mean, 1e-280)
    if likelihood == "lognormal":
        return np.sum(np.log(y / mean) ** 2)
    return 2 * np.sum(mean - y + xlogy(y, y / mean))


def best_scale(likelihood, y, f):
    """The factor of f with the least loss."""
    f = np.maximum(f, 1e-280)
    if likelihood == "gaussian":
        return np.sum(y * f) / np.sum(f * f)
    if likelihood == "lognormal":
        return np.exp(np.mean(np.log(y / f)))
    return np.sum(y) / np.sum(f)


def least(f, grid):
    """The least value of a function of one variable: a grid, and refinement about its three lowest places."""
    values = np.array([f(x) for x in grid])
    found = []
    for i in np.argsort(values)[:3]:
        low, high = grid[max(i - 1, 0)], grid[min(i + 1, len(grid) - 1)]
        found.append(optimize.minimize_scalar(f, bounds=(low, high), method="bounded", options={"xatol": 1e-11}).fun)
    return min(found)


def at_rate(curve, likelihood, t, y, r, m):
    f = shape_of(curve, t, r, m)
    return loss(likelihood, y, best_scale(likelihood, y, f) * f)


def at_midpoint(curve, likelihood, t, y, m):
    return least(lambda log_rate: at_rate(curve, likelihood, t, y, np.exp(log_rate), m), RATES)


def at_capacity(curve, likelihood, t, y, capacity):
    """Over rate and midpoint, from several starts."""

    def of(x):
        if abs(x[0]) > 20 or abs(x[1]) > 1e4:
            return 1e300
        return loss(likelihood, y, capacity * shape_of(curve, t, np.exp(x[0]), x[1]))

    starts = []
    for log_rate in RATES[::6]:
        r = np.exp(log_rate)
        share = np.clip(np.median(y) / capacity, 1e-12, 1 - 1e-6)
        ahead = np.log(1 / share - 1) / r if curve == "logistic" else np.log(-np.log(share)) / r
        starts.append((log_rate, np.median(t) + ahead))
    starts.sort(key=of)
    best = 1e300
    for start in starts[:4]:
        options = {"xatol": 1e-11, "fatol": 1e-13, "maxiter": 4000, "maxfev": 4000}
        found = optimize.minimize(of, start, method="Nelder-Mead", options=options)
        found = optimize.minimize(of, found.x, method="Nelder-Mead", options=options)
        best = min(best, found.fun)
    return best


def exponential(likelihood, t, y):
    """The least losses of an exponential curve that does not fall, and of a constant."""

    def of(g):
        f = np.exp(g * (t - t.mean()))
        return loss(likelihood, y, best_scale(likelihood, y, f) * f)

    return least(of, np.linspace(0, 0.5, 200)), of(0.0)


def limits(curve, likelihood, t, y, level):
    by_midpoint = lambda m: at_midpoint(curve, likelihood, t, y, m)
    grid = np.linspace(-60, 160, 441)
    start = min(grid, key=by_midpoint)
    found = optimize.minimize_scalar(by_midpoint, bounds=(start - 0.6, start + 0.6), method="bounded", options={"xatol": 1e-10})
    lowest, middle = found.fun, found.x
    rising, constant = exponential(likelihood, t, y)
    if rising <= lowest * (1 + 1e-6):
        return None
    estimated = likelihood != "poisson"
    n = len(y)
    factor = lowest / (n - 3) if estimated else 1.0
    q = stats.t.ppf(0.5 + level / 2, n - 3) if estimated else stats.norm.ppf(0.5 + level / 2)
    root = lambda value: np.sqrt(max(0.0, (value - lowest) / factor)) - q

    def end(of, centre, side, step):
        for _ in range(200):
            if root(of(centre + side * step)) > 0:
                return centre + side * optimize.brentq(lambda s: root(of(centre + side * s)), 0, step, xtol=1e-10)
            step *= 1.3
        raise ValueError("no end")

    unbounded, anything = root(rising) < 0, root(constant) < 0
    if min(abs(root(rising)), abs(root(constant))) < 0.05:
        return None
    midpoint = [
        None if anything else end(by_midpoint, middle, -1, 0.2),
        None if unbounded else end(by_midpoint, middle, 1, 0.2),
    ]
    rate = min(RATES, key=lambda x: at_rate(curve, likelihood, t, y, np.exp(x), middle))
    centre = np.log(best_scale(likelihood, y, shape_of(curve, t, np.exp(rate), middle)))
    by_capacity = lambda log: at_capacity(curve, likelihood, t, y, np.exp(log))
    centre = optimize.minimize_scalar(by_capacity, bounds=(centre - 0.3, centre + 0.3), method="bounded", options={"xatol": 1e-7}).x
    capacity = [
        0.0 if anything else float(np.exp(end(by_capacity, centre, -1, 0.01))),
        None if unbounded else float(np.exp(end(by_capacity, centre, 1, 0.01))),
    ]
    return capacity, midpoint


def main():
    rng = np.random.default_rng(7)
    series, rows = [], []
    while len(rows) < 26:
        n = int(rng.integers(10, 22))
        t = np.arange(n, dtype=float)
        kind = len(series) % 4
        if kind == 3:
            mean = np.full(n, 200.0) * np.exp(rng.uniform(-0.004, 0.012) * t)
        else:
            scale, r, m = np.exp(rng.uniform(5.5, 9)), rng.uniform(0.15, 0.4), n * rng.uniform(0.2, 0.95)
            mean = scale / (1 + np.exp(-r * (t - m)))
        y = np.maximum(rng.negative_binomial(400, 400 / (400 + mean)), 1).astype(float)
        used = False
        for curve in ("logistic", "gompertz"):
            likelihood = ("gaussian", "lognormal", "poisson")[(len(series) + (curve == "logistic")) % 3]
            level = float(rng.choice([0.8, 0.95]))
            try:
                found = limits(curve, likelihood, t, y, level)
            except ValueError:
                continue
            if found:
                rows.append([len(series), curve, likelihood, level, *found])
                used = True
        if used:
            series.append([int(v) for v in y])
    print('{"series": ' + json.dumps(series) + ',\n"limits": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}")


main()
