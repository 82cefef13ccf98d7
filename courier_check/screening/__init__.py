"""名单核查: list entries, normalising, matching, explanations. Pure."""
