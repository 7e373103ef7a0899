"""Log-likelihood of single counts and dispersions by maximum likelihood, in 60 digits (mpmath 1.4).

    python3 negative_binomial.py        prints what the unit tests of src/fit/likelihood.rs expect
"""
import mpmath as mp

mp.mp.dps = 60


def log_likelihood(y, m, a):
    y, m, r = mp.mpf(y), mp.mpf(m), 1 / mp.mpf(a)
    return mp.loggamma(y + r) - mp.loggamma(r) - mp.loggamma(y + 1) + y * mp.log(m / (m + r)) - r * mp.log(1 + m / r)


for y, m, a in ((30, 25, 0.5), (1200, 1000, 0.01), (100300, 100000, 5e-7), (2000100000, 2000000000, 1e-9), (7, 9, 1e-6)):
    print(y, m, a, mp.nstr(log_likelihood(y, m, a), 20))
for counts in ([(100700, 100000), (99400, 100000), (100100, 100000), (99600, 100000)],
               [(2000190000, 2000000000), (1999850000, 2000000000), (2000020000, 2000000000)]):
    score = lambda s: mp.diff(lambda s: sum(log_likelihood(y, m, mp.exp(s)) for y, m in counts), s)
    start = mp.log(mp.mpf(sum((y - m) ** 2 - y for y, m in counts)) / sum(m * m for _, m in counts))
    print(counts, mp.nstr(mp.exp(mp.findroot(score, (start - mp.mpf("0.01"), start + mp.mpf("0.01")))), 20))
