"""Carrying contact points: read what both sides hold, plan, write Advoware, hand the lists to the one PATCH.

    store     link rows and the links of core, there and back
    reading   items, entries, facts and policy of one run, from what has been read
    losses    values that EspoCRM overrules, in the conflict log
    news      what people are told, once
    refusals  what EspoCRM did not take, and what is left out for it
    writing   the plan's writes to Advoware, one after the other, each answer committed
    room      one run's contact points from plan to what the closing commit needs

Invariant: every entry of a record that is worked on has its link row before the first write; nothing here decides,
the plan does. To extend: a new operation is a row of core/contacts, a new fact goes through `reading`.
"""

from syncapp.entities.beteiligte.parts.kommunikation.news import notices_of
from syncapp.entities.beteiligte.parts.kommunikation.part import PartResult, carry, list_not_kept, list_refused
from syncapp.entities.beteiligte.parts.kommunikation.reading import contact_plan
from syncapp.entities.beteiligte.parts.kommunikation.refusals import ListRefused, Refusals
from syncapp.entities.beteiligte.parts.kommunikation.store import keep_links, stored_links
from syncapp.entities.beteiligte.parts.kommunikation.writing import commit_links

__all__ = [
    "ListRefused",
    "PartResult",
    "Refusals",
    "carry",
    "commit_links",
    "contact_plan",
    "keep_links",
    "list_not_kept",
    "list_refused",
    "notices_of",
    "stored_links",
]
