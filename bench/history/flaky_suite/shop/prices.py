"""What depends on nothing but its arguments."""


def total(prices: list[float], tax: float = 0.2) -> float:
    """Return what is to be paid."""
    return round(sum(prices) * (1 + tax), 2)


def cheapest(prices: list[float]) -> float:
    """Return the lowest price."""
    return min(prices)
