"""The library: the operator's pages, closed unless switched on."""
