"""Standard deviation between sources by restricted maximum likelihood, with 30 digits.

Model: ln y = a + b*year + u(source) + e, u ~ N(0, tau^2), e ~ N(0, sigma^2); sigma given, one for all or one for each figure. The
covariance matrix is inverted as it stands; the derivative of the restricted likelihood is set to zero. Needs mpmath.
"""
from mpmath import mp, mpf, matrix, log, det, findroot, diff

mp.dps = 40
WORLD = [(2019, 164300, "press"), (2024, 197200, "press"), (2016, 138509, "GBD 2016"), (2019, 155688, "GBD 2019"),
         (2020, 176404, "GLOBOCAN 2020"), (2021, 148755, "GBD 2021"), (2022, 187952, "GLOBOCAN 2022")]
CHINA = [(2019, 28100, "press"), (2024, 31800, "press"), (2016, 16500, "GBD 2016"), (2019, 18793, "GBD 2019"),
         (2021, 17250, "GBD 2021"), (2022, 30300, "GLOBOCAN 2022")]
REST = [(t, c - next(d for u, d, r in CHINA if (u, r) == (t, s)), s) for t, c, s in WORLD if s != "GLOBOCAN 2020"]


def likelihood(figures, sigma):
    n = len(figures)
    each = sigma if isinstance(sigma, list) else [sigma] * n
    y = matrix([log(c) for _, c, _ in figures])
    x = matrix([[1, t - 2020] for t, _, _ in figures])

    def at(tau):
        v = matrix(n, n)
        for i in range(n):
            for j in range(n):
                v[i, j] = (tau**2 if figures[i][2] == figures[j][2] else 0) + (each[i] ** 2 if i == j else 0)
        w = v**-1
        a = x.T * w * x
        beta = a**-1 * (x.T * w * y)
        r = y - x * beta
        return -(log(det(v)) + log(det(a)) + (r.T * w * r)[0]) / 2

    return at


for name, figures, start in (("World", WORLD, 0.07), ("China", CHINA, 0.25), ("World without China", REST, 0.05)):
    for sigma in (mpf("0.03"), mpf("0.01")):
        f = likelihood(figures, sigma)
        tau = findroot(lambda t: diff(f, t), (start, 1.05 * start), solver="secant", tol=1e-16, verify=False)
        print(name, sigma, mp.nstr(tau, 15))

# One tau for both regions, each with a level and a growth of its own.
both = [likelihood(figures, mpf("0.03")) for figures in (WORLD, CHINA)]
tau = findroot(lambda t: diff(lambda s: both[0](s) + both[1](s), t), (0.17, 0.18), solver="secant", tol=1e-16, verify=False)
print("pooled", mp.nstr(tau, 15))

# An error of its own for each figure: stated, assumed (0.03), the counting error of registered counts beside either.
ATLANTIS = [(2015, 1200, "a"), (2021, 1150, "a"), (2016, 900, "b"), (2020, 1010, "c"), (2022, 700, "d"), (2018, 950, "e")]
ERRORS = [mpf("0.5"), mpf("0.2"), mpf("0.03"), (mpf("0.03") ** 2 + mpf(1) / 1010) ** mpf("0.5"), mpf("0.01"),
          (mpf("0.3") ** 2 + mpf(1) / 950) ** mpf("0.5")]
f = likelihood(ATLANTIS, ERRORS)
tau = findroot(lambda t: diff(f, t), (mpf("0.15"), mpf("0.16")), solver="secant", tol=1e-16, verify=False)
print("Atlantis", mp.nstr(tau, 15))

# One figure that is all but exact (0 is taken as a millionth).
EXACT = [(2010, 10861, "s0"), (2015, 16618, "s1"), (2014, 14277, "s2")]
f = likelihood(EXACT, [mpf("1e-6"), mpf("1e-6"), mpf("0.03")])
tau = findroot(lambda t: diff(f, t), (mpf("0.045"), mpf("0.047")), solver="secant", tol=1e-16, verify=False)
print("exact", mp.nstr(tau, 15))
MANY = [(2015, 1200, "a"), (2021, 1150, "a"), (2016, 900, "b"), (2020, 1010, "c"), (2022, 700, "d"), (2018, 950, "e")]
f = likelihood(MANY, [mpf("0.03"), mpf("1e-6")] + 4 * [mpf("0.03")])
tau = findroot(lambda t: diff(f, t), (mpf("0.15"), mpf("0.16")), solver="secant", tol=1e-16, verify=False)
print("one of six exact", mp.nstr(tau, 15))
