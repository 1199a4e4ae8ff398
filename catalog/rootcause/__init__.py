"""Root causes: why a model version is worse than the last good one."""
