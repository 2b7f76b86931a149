"""``hash(x)``: 16 hexadecimal digits of SHA-256."""

from __future__ import annotations

from hashlib import sha256

from featdsl.reference.functions.spec import FunctionTwin

TWIN = FunctionTwin(compute=lambda given: sha256(str(given.x).encode()).hexdigest()[:16])
