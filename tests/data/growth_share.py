"""Quantiles of cases*exp(growth*k)*share for a normal growth and a PERT share, by integration.

    python3 growth_share.py > growth_share.json

Needs SciPy. The growth is normal(mean, deviation), the share low + (high - low)*beta(3, 3); k = 0 to 16 years. Given the
share, the logarithm of the product is normal; its distribution function is integrated over the share by SciPy's QUADPACK
(`quad`, 1e-13) and solved for the quantile by `brentq`; the density, for standard errors of sample quantiles, is integrated
in the same way.
"""
import json
import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import beta, norm

LOW, HIGH = 0.30, 0.40
REGIONS = [("First", 180000.0, 0.020, 0.004), ("Second", 36000.0, 0.010, 0.006)]
PROBABILITIES = [0.025, 0.5, 0.975]
shape = beta(3, 3)


def over_share(f):
    return quad(lambda x: shape.pdf(x) * f(LOW + (HIGH - LOW) * x), 0, 1, epsabs=1e-13, epsrel=1e-13, limit=400)[0]


def cell(cases, mean, deviation, k, p):
    if k == 0:
        x = shape.ppf(p)
        return cases * (LOW + (HIGH - LOW) * x), shape.pdf(x) / (cases * (HIGH - LOW))
    z = lambda c, share: (np.log(c / (cases * share)) - mean * k) / (deviation * k)
    centre = cases * np.exp(mean * k) * (LOW + HIGH) / 2
    c = brentq(lambda c: over_share(lambda s: norm.cdf(z(c, s))) - p, centre / 3, centre * 3, xtol=1e-8, rtol=1e-13)
    return c, over_share(lambda s: norm.pdf(z(c, s))) / (deviation * k * c)


rows = []
for name, cases, mean, deviation in REGIONS:
    years = [[cell(cases, mean, deviation, k, p) for p in PROBABILITIES] for k in range(17)]
    rows.append({
        "region": name, "cases": cases, "mean": mean, "deviation": deviation,
        "quantiles": [[float(q) for q, _ in year] for year in years],
        "densities": [[float(d) for _, d in year] for year in years],
    })
print(json.dumps({"low": LOW, "high": HIGH, "probabilities": PROBABILITIES, "regions": rows}, indent=1))
