"""Distribution functions of stays and convolutions of two of them, by SciPy.

    python3 stays.py > stays.json

Independent of the crate: distribution functions from scipy.stats, integrals by adaptive quadrature
(scipy.integrate.quad, QUADPACK) on pieces whose ends a polynomial change
of variable flattens, so that singularities there do no harm.
"""
import json
import numpy as np
from scipy import stats
from scipy.integrate import quad

LAWS = {
    "exponential": stats.expon(scale=2.5),
    "weibull": stats.weibull_min(0.8, scale=2.0),
    "weibull_high": stats.weibull_min(2.2, scale=1.3),
    "gamma": stats.gamma(0.6, scale=3.0),
    "gamma_high": stats.gamma(4.0, scale=0.7),
    "log_normal": stats.lognorm(0.9, scale=1.6),
    "log_logistic": stats.fisk(1.4, scale=1.2),
}
PAIRS = [("exponential", "weibull"), ("weibull", "gamma"), ("weibull_high", "log_normal"), ("gamma", "log_logistic"),
         ("log_normal", "gamma_high"), ("log_logistic", "exponential"), ("gamma_high", "weibull_high")]


def smooth(f, a, b):
    """The integral of f over [a, b]; the map flattens both ends to order 5, so power singularities vanish."""
    def g(u):
        x = u ** 5 * (126 - 420 * u + 540 * u ** 2 - 315 * u ** 3 + 70 * u ** 4)
        return f(a + (b - a) * x) * 630 * (u * (1 - u)) ** 4 * (b - a)
    return quad(g, 0, 1, epsabs=1e-14, epsrel=1e-13, limit=400)[0]


def pieces(f, t, first, second):
    cuts = [0.0, t] + [first.ppf(p) for p in (0.01, 0.5, 0.99)] + [t - second.ppf(p) for p in (0.01, 0.5, 0.99)]
    cuts = sorted(c for c in set(cuts) if 0 <= c <= t)
    return sum(smooth(f, a, b) for a, b in zip(cuts, cuts[1:]))


out = {"stays": {}, "sums": []}
for name, law in LAWS.items():
    at = [0.01, 0.3, 1.0, 2.7, 9.0]
    out["stays"][name] = {"t": at, "cdf": [float(law.cdf(t)) for t in at], "p": [0.01, 0.5, 0.9],
                          "quantile": [float(law.ppf(p)) for p in (0.01, 0.5, 0.9)], "mean": float(law.mean())}
for a, b in PAIRS:
    first, second = LAWS[a], LAWS[b]
    years = [1.0, 2.0, 5.0, 12.0]
    out["sums"].append({
        "first": a, "second": b, "t": years,
        "cdf": [pieces(lambda s: first.pdf(s) * second.cdf(t - s), t, first, second) for t in years],
        "integral": [pieces(lambda s: first.cdf(s) * second.cdf(t - s), t, first, second) for t in years]})
print(json.dumps(out, indent=1))
