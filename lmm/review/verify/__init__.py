"""Is it reproduced: everything made afresh, and compared by value with what is there."""
