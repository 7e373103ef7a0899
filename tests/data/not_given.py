"""The share of every number of a flow that rests on those diagnosed before the first given year, by matrix exponentials.

    python3 not_given.py > not_given.json

All times are exponential, so that a patient is a Markov chain: 10 % are never treated and die at a rate of 1; first line ends
at a rate of 1/3, in second line (0.45), off treatment (0.25), death (0.2) or lost (0.1); off treatment at 1/1.5, in second line
(0.6), death (0.3) or lost (0.1); second line at 1/1.2, in death (0.7) or lost (0.3); those lost die at a rate of 1/2.
1,000 diagnosed in 2000, growing by 3 % a year, before and after, at a steady rate through each year; of those before, the 40
years from 1960 on. States beside which events are counted; SciPy 1.17, expm of the chain with its time integral.
"""
import json

import numpy as np
from scipy.linalg import expm

STATES = ["living_never_treated", "in_line_1", "off_treatment_1", "in_line_2", "off_treatment_2", "living_lost", "dead"]
EVENTS = ["starts_1", "starts_2", "failures_1", "failures_2", "deaths_1", "deaths_2", "lost_1", "lost_2", "never_treated",
          "later_deaths"]
NAMES = STATES + EVENTS
MOVES = [
    ("living_never_treated", 1.0, [(1.0, "dead", ["later_deaths"])]),
    ("in_line_1", 1 / 3, [(0.45, "in_line_2", ["starts_2", "failures_1"]), (0.25, "off_treatment_1", ["failures_1"]),
                          (0.2, "dead", ["deaths_1"]), (0.1, "living_lost", ["lost_1", "failures_1"])]),
    ("off_treatment_1", 1 / 1.5, [(0.6, "in_line_2", ["starts_2"]), (0.3, "dead", ["deaths_1"]),
                                  (0.1, "living_lost", ["lost_1"])]),
    ("in_line_2", 1 / 1.2, [(0.7, "dead", ["deaths_2"]), (0.3, "living_lost", ["lost_2", "failures_2"])]),
    ("living_lost", 0.5, [(1.0, "dead", ["later_deaths"])]),
]
n = len(NAMES)
rates = np.zeros((n, n))
for start, rate, ends in MOVES:
    i = NAMES.index(start)
    rates[i, i] -= rate
    for share, to, counted in ends:
        for name in [to, *counted]:
            rates[i, NAMES.index(name)] += rate * share
at_diagnosis = np.zeros(n)
for name, share in [("living_never_treated", 0.1), ("never_treated", 0.1), ("in_line_1", 0.9), ("starts_1", 0.9)]:
    at_diagnosis[NAMES.index(name)] = share


def integral(t):
    """The time integral of the chain from diagnosis to t."""
    both = np.zeros((2 * n, 2 * n))
    both[:n, :n], both[:n, n:] = rates, np.eye(n)
    return at_diagnosis @ expm(both * max(t, 0.0))[:n, n:]


def of_year(t):
    """Those diagnosed through a year of which t years have passed since its beginning."""
    return integral(t) - integral(t - 1)


FIRST, BACK, LAST, GROWTH = 2000, 40, 2011, 1.03
rows = []
for name in NAMES:
    for when in ["mid_year", "year_end"] if name in STATES else [None]:
        shares, j = [], NAMES.index(name)
        for year in range(FIRST, LAST + 1):
            parts = [0.0, 0.0]
            for cohort in range(FIRST - BACK, year + 1):
                t = year - cohort + (0.5 if when == "mid_year" else 1.0)
                number = of_year(t)[j] - (0.0 if when else of_year(t - 1)[j])
                parts[cohort >= FIRST] += GROWTH ** (cohort - FIRST) * number
            shares.append(parts[0] / sum(parts) if sum(parts) > 0 else 0.0)
        rows.append({"quantity": f"{name}_{when}" if when else name, "shares": [abs(round(x, 7)) for x in shares]})
print("[\n" + ",\n".join(" " + json.dumps(row) for row in rows) + "\n]")
