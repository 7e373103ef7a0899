"""Exponential fits of counts of which one is a million times the others, and deviances of counts far from their mean, in
60 digits (mpmath 1.4; SciPy for the starting points).

    python3 outlier.py > outlier.json

Poisson: the likelihood of a log-linear mean has one maximum; Newton's method with halved steps. Negative binomial: the highest of
the maxima that Nelder and Mead's method finds from a grid of starts, polished by Newton's method.
"""
import json, sys
import mpmath as mp
import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

mp.mp.dps = 60

SERIES = {
    "last": [1000.0, 970.0, 945.0, 890.0, 850.0, 825.0, 770.0, 745.0, 1e9],
    "middle": [1000.0 + 20.0 * i if i != 7 else 1e9 for i in range(15)],
}


def poisson(y):
    """ln level, growth, and half the deviance."""
    data = [(mp.mpf(t), mp.mpf(v)) for t, v in enumerate(y)]
    def half_deviance(u, g):
        return sum(v * (mp.log(v) - u - g * t) - v + mp.exp(u + g * t) for t, v in data)
    u, g = mp.log(sum(v for _, v in data) / len(data)), mp.mpf(0)
    for _ in range(2000):
        m = [mp.exp(u + g * t) for t, _ in data]
        s0 = sum(v - a for (_, v), a in zip(data, m))
        s1 = sum(t * (v - a) for (t, v), a in zip(data, m))
        h00, h01 = sum(m), sum(t * a for (t, _), a in zip(data, m))
        h11 = sum(t * t * a for (t, _), a in zip(data, m))
        det = h00 * h11 - h01 * h01
        du, dg = (h11 * s0 - h01 * s1) / det, (h00 * s1 - h01 * s0) / det
        step, now = mp.mpf(1), half_deviance(u, g)
        while half_deviance(u + step * du, g + step * dg) > now and step > mp.mpf(10) ** -60:
            step /= 2
        u, g = u + step * du, g + step * dg
        if abs(du) + abs(dg) < mp.mpf(10) ** -45:
            return u, g, half_deviance(u, g)
    sys.exit("no convergence")


def negative_binomial(y):
    """ln level, growth, dispersion, and the log-likelihood."""
    t, v = np.arange(len(y)), np.array(y)
    def loss(p):
        a = np.exp(p[2])
        m = np.exp(p[0] + p[1] * t)
        with np.errstate(all="ignore"):
            value = -np.sum(gammaln(v + 1 / a) - gammaln(1 / a) - gammaln(v + 1) + v * np.log(a * m / (1 + a * m)) - np.log1p(a * m) / a)
        return value if np.isfinite(value) else 1e300
    ends = []
    for g in (-0.5, 0.0, 0.5, 1.0, 2.0, 5.0, 10.0):
        for s in (-6.0, -2.0, 0.0, 2.0):
            for u in (7.0, 15.0, 20.7 - 8 * g):
                found = minimize(loss, [u, g, s], method="Nelder-Mead", options=dict(maxiter=9000, maxfev=9000, xatol=1e-11, fatol=1e-13))
                ends.append((found.fun, tuple(found.x)))
    start = min(ends)[1]
    def likelihood(u, g, s):
        a = mp.exp(s)
        r = 1 / a
        total = mp.mpf(0)
        for i, value in enumerate(y):
            value, m = mp.mpf(value), mp.exp(u + g * i)
            total += mp.loggamma(value + r) - mp.loggamma(r) - mp.loggamma(value + 1) + value * mp.log(a * m / (1 + a * m)) - r * mp.log(1 + a * m)
        return total
    def score(u, g, s):
        return [mp.diff(likelihood, (u, g, s), n) for n in ((1, 0, 0), (0, 1, 0), (0, 0, 1))]
    u, g, s = mp.findroot(score, [mp.mpf(x) for x in start], tol=1e-40, maxsteps=60)
    return u, g, mp.exp(s), likelihood(u, g, s)


def half_deviance(y, m, a):
    y, m, a = mp.mpf(y), mp.mpf(m), mp.mpf(a)
    if a == 0:
        return y * mp.log(y / m) - (y - m)
    return y * mp.log(y / m) - (y + 1 / a) * mp.log((1 + a * y) / (1 + a * m))


text = lambda x: mp.nstr(x, 20)
out = {"fits": [], "half_deviances": []}
for name, y in SERIES.items():
    u, g, d = poisson(y)
    out["fits"].append({"series": name, "counts": y, "likelihood": "poisson", "ln_level": text(u), "growth": text(g), "half_deviance": text(d)})
    u, g, a, l = negative_binomial(y)
    out["fits"].append({"series": name, "counts": y, "likelihood": "negative_binomial", "ln_level": text(u), "growth": text(g),
                        "dispersion": text(a), "log_likelihood": text(l)})
for y, m, a in ((1014.0, 5.7e-14, 0.0), (1014.0, 5.7e-14, 5.2), (1014.0, 2e-17, 1e-6), (3.0, 4e9, 0.0), (3.0, 4e9, 0.3), (7e8, 1e3, 5.0),
                (1e5, 1.0001e5, 0.01), (1e5, 1.01e5, 0.0), (250.0, 200.0, 1e-9), (250.0, 100.0, 1e-9), (12.0, 15.1, 2.0),
                (1e9, 1.1e9, 5.0), (1e9, 2.3e8, 5.5), (1e9, 1.0000001e9, 0.1)):
    out["half_deviances"].append({"count": y, "mean": m, "dispersion": a, "value": text(half_deviance(y, m, a))})
json.dump(out, sys.stdout, indent=1)
print()
