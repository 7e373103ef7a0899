"""Shares of one exit that are drawn one by one, given that they sum to 1 at most: means and covariance.

    python3 shares_together.py

SciPy 1.17. 55 of 100 go on, Beta(55.5, 45.5), and 35 of 98 die, Beta(35.5, 63.5): the moments by quadrature over the
triangle. The second row has 60 of 100 and 38 of 98, which fit together less often.
"""
from scipy import integrate, stats

for a, b in (((55.5, 45.5), (35.5, 63.5)), ((60.5, 40.5), (38.5, 60.5))):
    x, y = stats.beta(*a), stats.beta(*b)

    def moment(i, j):
        inner = lambda t: integrate.quad(lambda u: u**j * y.pdf(u), 0, 1 - t, epsabs=1e-13, limit=400)[0]
        return integrate.quad(lambda t: t**i * x.pdf(t) * inner(t), 0, 1, epsabs=1e-13, limit=400)[0]

    p = moment(0, 0)
    mx, my = moment(1, 0) / p, moment(0, 1) / p
    print(p, mx, my, moment(1, 1) / p - mx * my)
