"""Of which kind a flaky test is: order-dependent, time, random, resource; or it cannot be told."""
