"""NumPy's time over this crate's for a million draws, one core, one run.

    python3 draws.py

Needs NumPy. Two regions with a normal growth and a share that is low + (high - low)*beta(3, 3), 17 years, three quantiles of
each year: the cases of one year times exp(growth*years) times the share. NumPy goes from year to year by one product and
selects order statistics with `partition`, as fast as it gets without other packages. NumPy and the crate's single thread run on
the first core that the script may use, the crate's two threads on all. Times are the least of several, by the clock and on the
processor (what other programs take does not count); memory is the greatest above that at the start. The crate's quantiles are
compared with those of integration (tests/data/growth_share.json).
"""
import json, os, subprocess, time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
CRATE = os.path.dirname(os.path.dirname(HERE))
with open(os.path.join(CRATE, "tests", "data", "growth_share.json")) as file:
    THEORY = json.load(file)
PROBABILITIES = np.array(THEORY["probabilities"])
EXPECTED = np.array([region["quantiles"] for region in THEORY["regions"]])


def summarise(rng, draws, years=17):
    share = THEORY["low"] + (THEORY["high"] - THEORY["low"]) * rng.beta(3, 3, draws)
    at = PROBABILITIES * (draws - 1)
    below = at.astype(int)
    ranks = np.unique(np.concatenate([below, below + 1]))
    result = []
    for region in THEORY["regions"]:
        ratio = np.exp(rng.normal(region["mean"], region["deviation"], draws))
        patients = region["cases"] * share
        rows = []
        for year in range(years):
            if year:
                patients *= ratio
            ordered = np.partition(patients, ranks)
            rows.append(ordered[below] + (at - below) * (ordered[below + 1] - ordered[below]))
        result.append(rows)
    return np.array(result)


def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))


def numpy_side(draws, repeats):
    clock = processor = np.inf
    for seed in range(repeats):
        begin, before = time.perf_counter(), time.process_time()
        quantiles = summarise(np.random.default_rng(seed), draws)
        processor = min(processor, time.process_time() - before)
        clock = min(clock, time.perf_counter() - begin)
    return 1e3 * clock, 1e3 * processor, quantiles


def crate_side():
    command = ["cargo", "bench", "--quiet", "--bench", "peers", "--", "draws"]
    printed = subprocess.run(command, cwd=CRATE, stdout=subprocess.PIPE, text=True, check=True).stdout
    return json.loads(printed.strip().splitlines()[-1])


cores = os.sched_getaffinity(0)
start = peak()
os.sched_setaffinity(0, {min(cores)})
clock, processor, quantiles = numpy_side(1_000_000, 7)
os.sched_setaffinity(0, cores)
memory = peak() - start

print("| draws | 1 thread | 2 threads | on the processor | memory above start | furthest from integration |")
print("|--:|--:|--:|--:|--:|--:|")
for row in crate_side():
    error = np.abs(np.array(row["quantiles"]) / EXPECTED - 1).max()
    print(f"| {row['draws']:,} | {row['clock_ms'][0]:.1f} ms | {row['clock_ms'][1]:.1f} ms "
          f"| {row['processor_ms'][0]:.1f} ms | {row['mib']:.1f} MiB | {100 * error:.3f} % |")
    if row["draws"] == 1_000_000:
        ratio = clock / row["clock_ms"][0], processor / row["processor_ms"][0]
error = np.abs(quantiles / EXPECTED - 1).max()
print(f"| NumPy, 1,000,000 | {clock:.1f} ms | | {processor:.1f} ms | {memory:.1f} MiB | {100 * error:.3f} % |")
print(f"ratio: {ratio[0]:.1f} by the clock, {ratio[1]:.1f} on the processor")
