"""The Advoware API for the firm's other programs: closed by default, and nothing passes that no row of a table allows.

    callers      who asks: key, address, and whether they may ask now
    keys         making, finding and revoking keys
    brakes       how often: token buckets in Redis, or in this process while Redis is away
    slots        how many at a time
    records      a call as it came in, and the audit: a row before a write, completed after it
    repetitions  Idempotency-Key: the same request is answered again, not sent again
    forwarding   the one call to Advoware
    answers      what a caller gets: body, status, headers
    exchange     the way of one call through all of these
    wakening     a write keeps the sync away from that record, and makes it look at it afterwards
    openapi      the description for programs, from the resource table
    calendar_trigger  another program asks for a pass over calendars

Invariant: the order of exchange.py is the order of what is refused: who, how often, what, may it, then the body; what
is sent has a row in the audit. Pure decisions are in core/proxy/.
To extend: a resource is a row of core/proxy/resources.py; an answer of our own a row of core/proxy/codes.py.
"""
