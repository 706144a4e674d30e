"""EspoCRM's wording: which of its reasons may be logged, and which field a refusal names.

Invariant: a pattern in SAFE_REASONS matches whole reasons that hold no values of a person, and nothing else.
To extend: a new harmless reason is a pattern here.
"""

import re

from syncapp.remotes.http.exchange import Answer, text_in

GONE = re.compile(r"Record (\S+) (?:does not exist|not found)\.?")
VALIDATION = re.compile(r"Field validation failure; entityType: \w+, field: (\w+), type: (\w+)\.?")
# Reasons whose wording holds no values of a person; every other one goes to `detail` only.
SAFE_REASONS = tuple(
    re.compile(pattern)
    for pattern in (
        GONE.pattern,
        VALIDATION.pattern,
        r"duplicate|modified",
        r"No (?:\w+ )?access\.?",
        r"Not permitted to post to [a-z ]+\.",
        r"Entity type is forbidden\.|Not supported event\.",
        r"No foreign record access for link operation \(\w+:\w+\)\.",
        r"Max size should not exceed \d+\. Use offset and limit\.",
        r"Controller '\w+' does not exist\.|Action \w+ '\w+' does not exist in controller '\w+'\.",
        r"Link does not exist\.|Body is not a JSON object\.",
        r"Not existing attribute '\w+' in where\.|Order by non-existing field '\w+'\.",
        r"Unknown where item type '\w+'\.|Bad where item '\w+'\.|No primary filter '\w+' for '\w+'\.",
        r"order value is bad\.|select should be array\.",
        r"Application is in maintenance mode\.",
    )
)


def named_fault(answer: Answer) -> tuple[str | None, str | None]:
    """Field and rule of a refused write, from the body, else from the reason header."""
    node: object = answer.json
    for key in ("messageTranslation", "data"):
        node = node.get(key) if isinstance(node, dict) else None
    if isinstance(node, dict) and text_in(node, "field"):
        return text_in(node, "field"), text_in(node, "type")
    found = VALIDATION.fullmatch(answer.status_reason or "")
    return (found[1], found[2]) if found else (None, None)
