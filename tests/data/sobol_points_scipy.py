"""Sobol' points without scrambling, by SciPy: python3 sobol_points_scipy.py > sobol_points_scipy.json"""
import json
import scipy.stats.qmc as qmc

points = qmc.Sobol(512, scramble=False, bits=32).random(64)
points = points[points[:, 0].argsort()]
print(json.dumps([{"dimension": d, "sorted_by_first": points[:, d].tolist()} for d in (0, 1, 2, 3, 7, 40, 99, 255, 511)]))
