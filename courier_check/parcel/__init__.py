"""Waybills and carriers, goods codes, declared contents, restricted quantities. Pure."""
