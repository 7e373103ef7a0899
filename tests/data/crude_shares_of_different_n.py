"""Two crude shares of the same cohort, 0.55 who start second line and 0.25 who start third, each of its own number of
patients: the 2.5 %, 50 % and 97.5 % quantiles of the second. Independent beta distributions under Jeffreys' prior, given that
the second is at most the first; a million pairs. Prints n of both and the three numbers."""

import numpy as np

rng = np.random.default_rng(1)
for first, second in ((400, 40), (40, 400), (200, 400), (400, 380), (400, 400), (40, 40)):
    beta = [rng.beta(c * n + 0.5, (1 - c) * n + 0.5, 1_000_000) for c, n in ((0.55, first), (0.25, second))]
    nested = beta[1][beta[1] <= beta[0]]
    print(first, second, *np.round(np.quantile(nested, [0.025, 0.5, 0.975]), 4))
