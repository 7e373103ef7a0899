"""Demography by an implementation that shares no code with the crate: expected cases, decompositions, standardised rates
with their intervals, a population carried forward. Reads the tables that the crate ships.

    python3 tests/data/demography.py > tests/data/demography.json

Python 3, numpy, scipy 1.17.
"""

import csv
import itertools
import json
import pathlib

import numpy as np
from scipy import stats

TABLES = pathlib.Path(__file__).parents[2] / "src/figures/demography"


def rows(name):
    with open(TABLES / name, encoding="utf-8") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


YEARS = range(2000, 2051)
people, rates, person_years = {}, {}, {}
for row in rows("population.csv"):
    for year in YEARS:
        people.setdefault((row["area"], year), []).append(float(row[str(year)]) * 1000)
for row in rows("rates.csv"):
    rates.setdefault(row["area"], []).append(float(row["rate_per_100000"]) / 1e5)
    person_years.setdefault(row["area"], []).append(float(row["population"]))
people = {key: np.array(value) for key, value in people.items()}
rates = {key: np.array(value) for key, value in rates.items()}
person_years = {key: np.array(value) for key, value in person_years.items()}
areas = sorted(rates)


def expected(area, year):
    if area == "World":
        return sum(expected(part, year) for part in areas)
    return float(people[area, year] @ rates[area])


def orders(before, after):
    """Means over all six orders of changing number, structure and rates one after the other."""
    parts = np.zeros(3)
    for order in itertools.permutations(range(3)):
        now = list(before)
        for factor in order:
            old = now[0] * (now[1] @ now[2])
            now[factor] = after[factor]
            parts[factor] += (now[0] * (now[1] @ now[2]) - old) / 6
    return parts


def decomposed(area, start, end, factor):
    if area == "World":
        return sum(decomposed(part, start, end, factor) for part in areas)
    ends = []
    for year, scale in ((start, 1), (end, factor)):
        persons = people[area, year]
        ends.append((persons.sum(), persons / persons.sum(), rates[area] * scale))
    return orders(*ends)


def ages(label):
    if label.endswith("+"):
        return int(label[:-1])
    return int(label.split("-")[0])


def standard(name):
    """Weights in the 18 groups of the rates."""
    weights = np.zeros(18)
    for row in rows("standard_populations.csv"):
        if row["standard"] == name:
            weights[min(ages(row["age"]) // 5, 17)] += float(row["weight"])
    return weights / weights.sum()


cases = sum(rates[area] * person_years[area] for area in areas)
all_years = sum(person_years[area] for area in areas)
pooled = cases / all_years
world_people = {year: sum(people[area, year] for area, y in people if y == year) for year in (2022, 2040, 2045)}


def gamma_interval(counts, weights, level):
    """Fay & Feuer (1997)."""
    rate, variance, largest = weights @ counts, weights**2 @ counts, weights.max()
    tail = (1 - level) / 2
    low = stats.gamma.ppf(tail, rate**2 / variance, scale=variance / rate) if rate > 0 else 0.0
    mean, spread = rate + largest, variance + largest**2
    high = stats.gamma.isf(tail, mean**2 / spread, scale=spread / mean)
    return [float(rate), float(variance), float(low), float(high)]


# Counts by age like those of myeloma, from a village to the world, and none at all.
intervals = []
for size in (0, 3e-5, 1e-4, 1e-2, 1, 100):
    counts = np.round(cases * size)
    for level in (0.5, 0.95, 0.999):
        weights = standard("segi") / (all_years * max(size, 1e-9))
        intervals.append({"counts": list(counts), "person_years": list(all_years * max(size, 1e-9)),
                          "level": level, "expected": gamma_interval(counts, weights, level)})


def carried(area, first, second, to):
    """Hamilton & Perry: ratios from two tables, groups of five years, the last one open."""
    step = second - first
    k = step // 5
    old, new = people[area, first], people[area, second]
    ratio = {i: new[i] / (old[i - k] if i < 17 else old[17 - k:].sum()) for i in range(k, 18)}
    children = {j: new[j] / new[3 + j:10 + j].sum() for j in range(k)}
    year = second
    while year < to:
        after = np.zeros(18)
        for i in range(k, 18):
            after[i] = ratio[i] * (new[i - k] if i < 17 else new[17 - k:].sum())
        for j in range(k):
            after[j] = children[j] * after[3 + j:10 + j].sum()
        new, year = after, year + step
    return new


shown = (2000, 2005, 2019, 2022, 2024, 2030, 2040, 2050)
countries = rows("countries.csv")
print(json.dumps({
    "expected": {area: {str(year): expected(area, year) for year in shown} for area in ["World", *areas]},
    "countries": {year: sum(float(row[year]) for row in countries) for year in ("2024", "2030", "2040")},
    "members": {
        name: (lambda c: float(c.sum() ** 2 / (c**2).sum()))(np.array(
            [float(row["2024"]) for row in countries if name in (row["area"], "World")]))
        for name in ("World", "Western Europe", "Southern Asia", "China")},
    "pooled_2040": float(world_people[2040] @ pooled),
    # Growth from 2022 to 2045: summed over areas, and of all people together.
    "grown_to_2045": [expected("World", 2045) / expected("World", 2022),
                      float(world_people[2045] @ pooled / (world_people[2022] @ pooled))],
    "decompositions": [
        {"area": area, "from": start, "to": end, "factor": factor,
         "parts": list(map(float, decomposed(area, start, end, factor)))}
        for area, start, end, factor in [
            ("China", 2024, 2040, 1), ("World", 2024, 2040, 1), ("World", 2040, 2024, 1), ("World", 2024, 2040, 1.2),
            ("Micronesia", 2010, 2050, 0.7), ("Eastern Europe", 2000, 2019, 1.5)]],
    "standardised": {
        name: {area: float(standard(name) @ (pooled if area == "World" else rates[area]) * 1e5)
               for area in ("World", "China", "Northern America", "Middle Africa")}
        for name in ("segi", "who_2000_2025", "european_2013", "gbd_2019")},
    "intervals": intervals,
    "carried": [
        {"area": area, "first": first, "second": second, "to": to, "persons": list(map(float, carried(area, first, second, to)))}
        for area, first, second, to in [
            ("China", 2015, 2020, 2040), ("Southern Asia", 2010, 2020, 2050), ("Northern Europe", 2005, 2020, 2035)]],
    # Cases of a population carried forward from 2015 and 2020, over those of the shipped projection, less 1.
    "carried_against_projection": {
        area: {str(to): float(carried(area, 2015, 2020, to) @ rates[area] / expected(area, to) - 1) for to in (2030, 2040)}
        for area in areas},
}, indent=1))
