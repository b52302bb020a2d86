"""Test history, triage: what comes of fixing the top item, again and again.

The area under the failures that remain, as a share of an oracle's who knows what each cause costs.
Ranking by count is beside it.
"""

from bench.figures import OURS, Figure, Options
from bench.projects import experiment

ROUNDS = 10  # seeds


def figures(options: Options) -> list[Figure]:
    """Replay."""
    told = experiment("history/triage_replay.py", f"--seeds={options.rounds or ROUNDS}")
    name = "share of an oracle's area"
    return [
        Figure(name, told["queue"], of=OURS, target=0.95, direction="at least"),
        Figure(name, told["count"], of="ranking by count"),
    ]
