"""依据 as people read it. The data files say of every source how it was come by and where our own papers discuss it; at the counter only
the rule itself is told, and, where nobody has read it in the original, that it is still to be verified (待核实)."""

from __future__ import annotations

import re

OWN_RULES = "本机规则"
"""What a rule rests on for which no law is named."""
_INTERNAL = re.compile(r"（[^（）]*(?:domain|\.json)[^（）]*）|\[[原转算忆建议]+\]")
_OUR_OWN = re.compile(r"设计(?:建议|要求)|建议值|\.json|\.md|domain")


def source_in_words(source: str) -> str:
    """Without the marks of certainty, references into our own papers, and what we added ourselves."""
    clauses = _INTERNAL.sub("", source).split("；")
    return "；".join(clause for clause in clauses if not _OUR_OWN.search(clause)) or OWN_RULES
