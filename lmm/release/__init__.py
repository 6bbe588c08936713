"""Results -> what may be seen: labels, tables and figures."""
