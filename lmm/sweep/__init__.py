"""Many studies, periods and parameters at once: a plan -> items -> an index of results."""
