"""Profile-likelihood limits of straight lines and exponential curves through random counts: the roots of the
likelihood ratio, over one nuisance parameter that is maximised over (and the dispersion of the negative binomial).

    python3 tests/data/profile_ends.py > tests/data/profile_ends.json
"""

import json

import numpy as np
from scipy import optimize, stats
from scipy.special import gammaln, xlogy

FIXED = [1005, 1026, 1072, 1090, 1133, 1172, 1190, 1240, 1268, 1309]


def mean_of(curve, t, a, b):
    return a + b * t if curve == "linear" else a * np.exp(b * t)


def losses(likelihood, y, mean, alpha=0.0):
    """Twice minus the log-likelihood up to a constant; for an estimated variance the residual sum of squares."""
    if likelihood == "gaussian":
        return np.sum((y - mean) ** 2)
    if np.any(mean <= 0):
        return 1e300
    if likelihood == "lognormal":
        return np.sum(np.log(y / mean) ** 2)
    if alpha > 0:
        r = 1 / alpha
        terms = gammaln(y + r) - gammaln(r) + xlogy(y, alpha * mean) - (y + r) * np.log1p(alpha * mean)
        return -2 * np.sum(terms)
    return 2 * np.sum(mean - y + xlogy(y, y / mean))


def brent(f, guess):
    width = 0.01 * abs(guess) + 1e-6
    return optimize.minimize_scalar(f, bracket=(guess - width, guess + width), method="brent", options={"xtol": 1e-11})


def least(likelihood, curve, t, y, which, value, other):
    """The least loss with one parameter held."""

    def loss(x, alpha=0.0):
        a, b = (value, x) if which == 0 else (x, value)
        return losses(likelihood, y, mean_of(curve, t, a, b), alpha)

    if likelihood != "negative_binomial":
        return brent(loss, other).fun
    of_alpha = lambda s: brent(lambda x: loss(x, np.exp(s)), other).fun
    return optimize.minimize_scalar(of_alpha, bounds=(-12, 0), method="bounded", options={"xatol": 1e-7}).fun


def fit(likelihood, curve, t, y):
    """The least loss over the slope of the profile; returns both parameters and the loss."""
    slope, intercept = np.polyfit(t, y, 1)
    line = np.polyfit(t, np.log(y), 1)
    a, b = (intercept, slope) if curve == "linear" else (np.exp(line[1]), line[0])
    found = brent(lambda x: least(likelihood, curve, t, y, 1, x, a), b)
    b = found.x
    if likelihood == "negative_binomial":
        return a, b, found.fun
    a = brent(lambda x: losses(likelihood, y, mean_of(curve, t, x, b)), a).x
    return a, b, found.fun


def limits(likelihood, curve, t, y, level):
    base = "poisson" if likelihood == "quasi_poisson" else likelihood
    a, b, lowest = fit(base, curve, t, y)
    n = len(y)
    factor, q = 1.0, stats.norm.ppf(0.5 + level / 2)
    if likelihood in ("gaussian", "lognormal", "quasi_poisson"):
        q = stats.t.ppf(0.5 + level / 2, n - 2)
        mean = mean_of(curve, t, a, b)
        pearson = np.sum((y - mean) ** 2 / mean)
        factor = (pearson if likelihood == "quasi_poisson" else lowest) / (n - 2)
    both = []
    for which, centre, other in ((0, a, b), (1, b, a)):

        def excess(value):
            loss = least(base, curve, t, y, which, value, other)
            return np.sqrt(max(0.0, (loss - lowest) / factor)) - q

        ends = []
        for side in (-1, 1):
            step = 0.01 * abs(centre) + 1e-4
            while excess(centre + side * step) < 0:
                step *= 1.5
            ends.append(centre + side * optimize.brentq(lambda s: excess(centre + side * s), 0, step, xtol=1e-11))
        both.append(ends)
    return both


def main():
    rng = np.random.default_rng(20)
    series, rows = [], []
    for number in range(13):
        n = 10 if number == 0 else int(rng.integers(6, 16))
        t = np.arange(n, dtype=float)
        if number == 0:
            y = np.array(FIXED, float)
        else:
            size, growth = np.exp(rng.uniform(np.log(60), np.log(5000))), rng.uniform(-0.04, 0.06)
            y = rng.negative_binomial(40, 1 / (1 + size * np.exp(growth * t) / 40)).astype(float)
        series.append([int(v) for v in y])
        for curve in ("linear", "exponential"):
            for likelihood in ("gaussian", "lognormal", "poisson", "quasi_poisson", "negative_binomial"):
                if likelihood == "negative_binomial" and number not in (2, 5):
                    continue
                level = float(rng.choice([0.5, 0.8, 0.95, 0.99]))
                for which, (lower, upper) in enumerate(limits(likelihood, curve, t, y, level)):
                    rows.append([number, curve, likelihood, level, which, lower, upper])
    print('{"series": ' + json.dumps(series) + ',\n"limits": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}")


main()
