"""What nomenklatura's logic-v1 and logic-v2 say of pairs of names. Run by the Python of an environment that has it, never by ours.

`COURIER_CHECK_NOMENKLATURA` names that Python. Made without a compiler by

    python -m venv /tmp/nk && /tmp/nk/bin/pip install icukit-pyicu      # PyICU with ICU inside; its own wheels bring none
    /tmp/nk/bin/pip install --no-deps nomenklatura==4.17.4 followthemoney rigour normality fingerprints
    /tmp/nk/bin/pip install banal "click<9" chardet charset-normalizer phonenumbers prefixdate pydantic pyyaml requests rich orjson \
        python-stdnum jinja2 sqlalchemy shortuuid scikit-learn lxml networkx rdflib openpyxl babel duckdb

since pip does not know that icukit-pyicu is what normality calls pyicu. Reads `{"algorithm", "pairs"}` from stdin, writes the scores.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    matching: Any = importlib.import_module("nomenklatura.matching")
    model: Any = importlib.import_module("followthemoney").model
    algorithm = matching.get_algorithm(asked["algorithm"])
    config = algorithm.default_config()
    known: dict[str, Any] = {}

    def company(name: str) -> Any:
        if name not in known:
            made = known[name] = model.make_entity("Company")
            made.id = f"name-{len(known)}"  # names are cached by id: one used twice is scored with the first name
            made.add("name", name)
        return known[name]

    began = time.process_time()
    scores = [float(algorithm.compare(company(one), company(other), config).score) for one, other in asked["pairs"]]
    json.dump({"scores": scores, "cpu_s": time.process_time() - began}, sys.stdout)


if __name__ == "__main__":
    main()
