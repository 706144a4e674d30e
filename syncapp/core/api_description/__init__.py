"""What a system says of its own API, and how that agrees with what a client assumes of it.

    document   reads a Swagger 2 or OpenAPI 3 document into operations and fields
    compare    an assumption about a call against what is described: confirmed, contradicted, not described

Invariant: no system is named here; names are compared as they are written, and a difference in capitals alone is said.
"""
