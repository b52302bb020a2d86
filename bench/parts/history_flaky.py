"""Test history, flakiness: how often a verdict is right, and how much is found.

A replay of 2,000 tests with the flake rates that were published for 811 real flaky tests;
regressions in 12 % of commits, one outage in a hundred runs. And histories that are not flaky: each
alarm on one would be false.
"""

from bench.figures import Figure, Options
from bench.projects import experiment

ROUNDS = 3  # seeds
SCORES = {"precision": 0.99, "recall_observable": 0.95, "recall_all": None, "interval_covers": 0.95}
WORDS = {
    "recall_observable": "recall of what could be seen",
    "recall_all": "recall of all that is flaky",
    "interval_covers": "rates inside the interval that is told",
}


def figures(options: Options) -> list[Figure]:
    """Replay histories of three lengths."""
    told = experiment("history/flaky_replay.py", f"--seeds={options.rounds or ROUNDS}")
    found = [
        Figure(
            WORDS.get(score, score),
            row[score],
            of=f"{row['runs']} runs",
            target=target if row["runs"] == 100 else None,
            direction="at least",
        )
        for score, target in SCORES.items()
        for row in told["replay"]
    ]
    alarms = told["never_flaky"]
    count = sum(alarm != "none" for alarm in alarms.values())
    name = "false alarms"
    return [*found, Figure(name, count, of=f"{len(alarms)} histories that are not flaky", target=0)]
