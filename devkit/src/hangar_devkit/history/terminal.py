"""The queue in colour, when rich is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hangar_devkit.history.report import as_lines

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def print_queue(items: Sequence[Mapping[str, Any]]) -> None:
    """Print the queue as a table on a terminal, as plain lines elsewhere."""
    console = Console()
    if not items or not console.is_terminal:
        print("\n".join(as_lines(items)))
        return
    table = Table(title="What to fix next", expand=True)
    for name, style in (
        ("", "bold"),
        ("What", ""),
        ("Where", "cyan"),
        ("Cost", "magenta"),
        ("Why", ""),
        ("Owner", "green"),
    ):
        table.add_column(name, style=style, overflow="fold")
    for item in items:
        what = Text(f"{item['item']} ", style="bold red")
        what.append(item["title"], style="default")
        table.add_row(
            str(item["place"]),
            what,
            Text(f"{item['path']}:{item['line']}"),
            f"{item['score']} min",
            Text(item["reason"]),
            Text(" ".join(item["owners"])),
        )
    console.print(table)
