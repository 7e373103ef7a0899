"""Quantiles of distributions, by SciPy: python3 quantiles_scipy.py > quantiles_scipy.json"""
import json
from scipy import stats

cases = {
    "normal": stats.norm(2, 3),
    "lognormal": stats.lognorm(0.4, scale=2.718281828459045**0.5),
    "beta": stats.beta(2.5, 0.7),
    "beta large": stats.beta(350, 650),
    "beta huge": stats.beta(3e6, 7e6),
    "gamma": stats.gamma(2.5, scale=0.25),
    "gamma small": stats.gamma(0.1, scale=0.5),
    "gamma large": stats.gamma(400),
    "triangular": stats.triang(0.25, loc=1, scale=4),
    "truncated": stats.truncnorm(-1, 2),
    "truncated tail": stats.truncnorm(7, float("inf")),
}
print(json.dumps({name: [float(d.ppf(p)) for p in (1e-6, 0.1, 0.5, 0.975)] for name, d in cases.items()}, indent=1))
