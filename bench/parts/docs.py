"""Docs: a build, beside plain MkDocs with mkdocstrings on the same 39 pages.

Same theme, same options, in turn.
"""

from bench.clock import beside
from bench.docs.build import PLAIN, measure_builds
from bench.figures import Figure, Options

ROUNDS = 4


def figures(options: Options) -> list[Figure]:
    """Measure both engines."""
    pages, costs = measure_builds(options.rounds or ROUNDS)
    return [
        *beside("build of the docs", costs, {PLAIN: 1.0}),
        *(Figure("pages", count, of=which) for which, count in pages.items()),
    ]
