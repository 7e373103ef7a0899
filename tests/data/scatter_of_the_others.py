"""Intervals of a log-linear regression of eight counts: with a published projection as a ninth figure of the same scatter, and with one
count of which the error is known to be 0.1 %. Numbers of tests/projection/counting.rs.

    python3 tests/data/scatter_of_the_others.py
"""

import numpy as np
from scipy.stats import t as student

cases = np.array([10000, 13000, 9500, 12500, 11000, 14500, 10800, 13900.0])
years = np.arange(8.0)


def intervals(years, logs, weights, variance, dof):
    design = np.column_stack([np.ones(len(years)), years])
    estimator = np.linalg.inv(design.T @ (weights[:, None] * design)) @ design.T * weights
    errors, degrees = variance(logs - design @ estimator @ logs), dof
    for year in (7, 20):
        row = np.array([1, year]) @ estimator
        half = student.ppf(0.975, degrees) * np.sqrt(row**2 @ errors)
        print(2010 + year, np.exp(row @ logs - half), np.exp(row @ logs + half))


nine = np.append(np.log(cases), np.log(16000))
intervals(np.append(years, 20), nine, np.ones(9), lambda r: np.full(9, r @ r / 7), 7)
# The seven others have Poisson's error times the root of Pearson's statistic over seven figures less two parameters.
others = years != 1
weights = np.where(others, cases, 1e6)
known = lambda r: np.where(others, np.sum((r**2 * cases)[others]) / 5 / cases, 0.0)
intervals(years, np.log(cases), weights, known, 5)

# With a published projection that states 10 %, the eight counts have Poisson's error times the root of Pearson's statistic over 8 - 2
# degrees of freedom less the projection's one, drawn with the root of chi^2: normal beside Student's t. The curve weighs counts by
# Poisson's error and the projection by its own.
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.stats import chi2, norm

known = np.append(cases**-0.5, 0.1)
at = np.append(years, 20)
design = np.column_stack([np.ones(9), at])
estimator = np.linalg.inv(design.T @ (design / known[:, None] ** 2)) @ design.T / known**2
counts = (nine - design @ estimator @ nine)[:8]
dof = 9 - 2 - 1
pearson = np.sum((counts / known[:8]) ** 2) / dof
for year in (7, 20):
    row = np.array([1, year]) @ estimator
    scattered = np.sum((row[:8] * known[:8]) ** 2) * pearson
    stated = (row[8] * 0.1) ** 2
    below = lambda x: quad(lambda q: chi2.pdf(q, dof) * norm.cdf(x / np.sqrt(scattered * dof / q + stated)), 0, np.inf)[0]
    half = brentq(lambda x: below(x) - 0.975, 0, 5)
    print(2010 + year, np.exp(row @ nine - half), np.exp(row @ nine + half))
