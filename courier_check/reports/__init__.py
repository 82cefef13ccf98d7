"""Daily figures and the half-yearly table (59号文附件)."""
