"""By how much draws of few cases differ from computed quantiles: both distributions by quadrature, per cent.

The registry trend of counts as shipped, `cases` in 2019 and 2024, forecast for 2040, by the filter of trend_mixture.py. Computed quantiles
have Poisson's variance at the mean level of each member, draws at the drawn level.

    python3 tests/data/few_cases.py
"""
import json
import pathlib

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

import trend_mixture

SHIPPED = json.loads((pathlib.Path(__file__).parents[2] / "src/figures/registry_trend.json").read_text())
X = np.linspace(-8, 8, 3201)
WEIGHTS = norm.pdf(X) / norm.pdf(X).sum()


def quantile(below, p):
    return float(np.exp(brentq(lambda y: below(y) - p, -12, 12, xtol=1e-12)))


for cases in (3.0, 10.0, 30.0, 100.0):
    case = dict(errors=trend_mixture.NONE, expected=None, expected_error=0.0, members=1.0, relative_error=0.0, year=2040,
                counts=[(2019, cases), (2024, cases)])
    parameters = dict(SHIPPED["parameters"], elasticity=1.0)
    w, m, v, scatter, _ = trend_mixture.components(case, parameters, SHIPPED["sites"]["multiple_myeloma"]["effect"])
    poisson = lambda level: np.minimum(np.exp(-level), 1)
    levels = m[:, None] + np.sqrt(v)[:, None] * X
    deviations = np.sqrt((scatter - poisson(m))[:, None] + poisson(levels))
    computed = lambda y: float(w @ norm.cdf((y - m) / np.sqrt(v + scatter)))
    drawn = lambda y: float(w @ (norm.cdf((y - levels) / deviations) @ WEIGHTS))
    apart = [100 * (quantile(drawn, p) / quantile(computed, p) - 1) for p in (0.025, 0.5, 0.975)]
    print(cases, [round(x, 2) for x in apart])
