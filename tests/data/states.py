"""People in the states beside lines of therapy, at the ends of years, by SciPy 1.17.

    python3 states.py > states.json

1,000 a year are diagnosed at a steady rate from the beginning of the first year on. Of one group nobody is ever treated; in
another first line is exponential with a mean of 1.5 years, after which everybody is lost, or goes off treatment until death.
With S the survival function in the state, at the end of year T there are 1000·∫S(t)dt over t from 0 to T of the first, and
1000·∫(1 − exp(−u/1.5))·S(T − u)du over u from 0 to T of the others, who enter at the
rate 1 − exp(−u/1.5) of those diagnosed.
"""
import json

import numpy as np
from scipy import integrate, stats

TIMES = {
    "weibull": ({"family": "weibull", "shape": 0.6, "scale": 2.0}, stats.weibull_min(0.6, scale=2.0)),
    "steep": ({"family": "weibull", "shape": 9.0, "scale": 2.3}, stats.weibull_min(9.0, scale=2.3)),
    "gamma": ({"family": "gamma", "shape": 3.5, "scale": 0.4}, stats.gamma(3.5, scale=0.4)),
    "log_normal": (
        {"family": "log_normal", "median": 1.2, "quantile": {"probability": 0.75, "time": 2.1}},
        stats.lognorm(np.log(2.1 / 1.2) / stats.norm.ppf(0.75), scale=1.2),
    ),
    "log_logistic": (
        {"family": "log_logistic", "median": 0.8, "quantile": {"probability": 0.75, "time": 1.6}},
        stats.fisk(np.log(3) / np.log(2), scale=0.8),
    ),
}


def integral(f, to):
    pieces = np.linspace(0, to, 8 * to + 1)
    return sum(integrate.quad(f, a, b, epsabs=1e-13, epsrel=1e-12)[0] for a, b in zip(pieces, pieces[1:]))


rows = []
for time, law in TIMES.values():
    never = [1000 * integral(law.sf, year) for year in range(1, 7)]
    after = [
        1000 * integral(lambda u, t=year: -np.expm1(-u / 1.5) * law.sf(t - u), year) for year in range(1, 7)
    ]
    rows.append({"time": time, "never_treated": never, "after_first_line": after})
print(json.dumps(rows, indent=1))
