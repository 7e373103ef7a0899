"""A random-effects synthesis of shares on the logit scale, by adaptive quadrature over tau: an independent computation.

y_k = mu + f_k + e_k with a flat prior on mu and DuMouchel's on tau; errors that are not known are the greatest of the others.
Of those diagnosed: the mean share times a share treated, uniform on a range. numpy, scipy. Prints tests/data/study_shares.json.
"""

import json

import numpy as np
from scipy import integrate, optimize, stats

SHARES = [0.48, 0.55, 0.72, 0.25, 0.74, 0.60]
ERRORS = [0.10, 0.08, 0.04, 0.15, None, None]
TREATED = (0.64, 0.95)

y = np.log(np.array(SHARES) / (1 - np.array(SHARES)))
greatest = max(e for e in ERRORS if e is not None)
v = np.array([(greatest if e is None else e) ** 2 for e in ERRORS])
s0 = np.sqrt(len(y) / np.sum(1 / v))


def given(tau):
    w = 1 / (v + tau**2)
    mu = np.sum(w * y) / np.sum(w)
    marginal = np.prod(np.sqrt(w)) / np.sqrt(np.sum(w)) * np.exp(-0.5 * np.sum(w * (y - mu) ** 2))
    return mu, 1 / np.sum(w), marginal * s0 / (s0 + tau) ** 2


def integral(f):
    edges = [0, 0.01, 0.03, 0.1, 0.3, 1, 3]
    return sum(integrate.quad(f, a, b, epsabs=0, epsrel=1e-9, limit=400)[0] for a, b in zip(edges, edges[1:]))


total = integral(lambda t: given(t)[2])


def below(x, next_one):
    def f(t):
        mu, var, p = given(t)
        return p * stats.norm.cdf(x, mu, np.sqrt(var + (t**2 if next_one else 0)))

    return integral(f) / total


def share(x):
    return 1 / (1 + np.exp(-x))


def quantiles(next_one):
    return [float(share(optimize.brentq(lambda x: below(x, next_one) - p, -9, 9, xtol=1e-9))) for p in (0.025, 0.5, 0.975)]


grid = np.linspace(-6, 6, 1201)
cdf = np.array([below(x, False) for x in grid])


def product(x):
    t, w = np.polynomial.legendre.leggauss(80)
    t = TREATED[0] + (TREATED[1] - TREATED[0]) * (t + 1) / 2
    p = np.clip(x / t, 1e-12, 1 - 1e-12)
    return np.sum(w * np.where(x / t < 1, np.interp(np.log(p / (1 - p)), grid, cdf), 1.0)) / 2




def of_first_study(x):
    """Its own share, by adaptive quadrature over the share treated."""
    low, high = TREATED

    def below(t):
        return stats.norm.cdf(np.log(x / t / (1 - x / t)), y[0], ERRORS[0]) if x < t else 1.0

    return integrate.quad(below, low, high, points=[x] if low < x < high else None, epsrel=1e-10)[0] / (high - low)


of_diagnosed = [float(optimize.brentq(lambda x: product(x) - q, 1e-6, TREATED[1], xtol=1e-9)) for q in (0.025, 0.5, 0.975)]
print(
    json.dumps(
        {
            "shares": SHARES,
            "errors": ERRORS,
            "treated": TREATED,
            "mean": quantiles(False),
            "next": quantiles(True),
            "of_diagnosed": of_diagnosed,
            "one_study_of_diagnosed": [
                float(optimize.brentq(lambda x: of_first_study(x) - q, 1e-6, TREATED[1] - 1e-9, xtol=1e-11))
                for q in (0.025, 0.5, 0.975)
            ],
        }
    )
)
