"""How often intervals of the ratio of two Poisson means hold the truth, 1, where both counts are above 0.

Exact: the conditional binomial interval (Clopper-Pearson) of count 2 among both. Log: ln(b/a) with the error
sqrt(1/a + 1/b). SciPy 1.17; prints the figures in METHODS.md, "Intervals of small counts".
"""
from math import log, sqrt

from scipy.stats import beta, norm, poisson

z = norm.ppf(0.975)
for mean in (3, 15, 50):
    weight = exact = logarithmic = 0.0
    for a in range(1, 200):
        for b in range(1, 200):
            p = poisson.pmf(a, mean) * poisson.pmf(b, mean)
            if p < 1e-13:
                continue
            weight += p
            exact += p * (beta.ppf(0.025, b, a + 1) <= 0.5 <= beta.ppf(0.975, b + 1, a))
            logarithmic += p * (abs(log(b / a)) <= z * sqrt(1 / a + 1 / b))
    print(f"mean {mean}: exact {exact / weight:.3f}, log {logarithmic / weight:.3f}")
