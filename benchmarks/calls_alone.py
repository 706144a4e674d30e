"""The remote calls of a run by the same clients, and nothing else: what no run can be quicker than.

Both sides are read at the same time, one is written, then the other: three steps that cannot overlap. How long they
take on this machine, in this minute, is the ideal of a run's wall time, with whatever the stand-ins need themselves.
"""

from concurrent.futures import ThreadPoolExecutor


def update(espo_id: str, betnr: int) -> None:
    """An edit of the title in EspoCRM, carried to Advoware and reported."""
    from syncapp.entities.beteiligte.clients import configured_clients
    from syncapp.entities.beteiligte.probes import remote_metadata

    clients, fields = configured_clients(), remote_metadata.field_map()
    with ThreadPoolExecutor(1) as beside:
        there = beside.submit(clients.advoware.get, betnr)
        person = clients.espocrm.get(espo_id)
    title = dict(fields.read_espo(person.attributes))["titel"]
    written = clients.advoware.update(there.result(), fields.to_advo({"titel": title}))
    clients.espocrm.patch(espo_id, {"syncStatus": "clean", "advowareRowId": written.row_id})


def create(espo_id: str) -> None:
    """A new person of EspoCRM, created in Advoware and reported."""
    from syncapp.entities.beteiligte.clients import configured_clients
    from syncapp.entities.beteiligte.probes import remote_metadata

    clients, fields = configured_clients(), remote_metadata.field_map()
    person = clients.espocrm.get(espo_id)
    values = fields.created_with(dict(fields.read_espo(person.attributes)))
    made = clients.advoware.create(fields.to_advo(values))
    told = {"betnr": made.bet_nr, "syncStatus": "clean", "advowareRowId": made.row_id}
    clients.espocrm.patch(espo_id, told)


def first_load(espo_id: str, betnr: int, *, told: bool, beside: ThreadPoolExecutor) -> None:
    """A record that is equal on both sides. told: EspoCRM is told its status; one that a load has to tell anew."""
    from syncapp.entities.beteiligte.clients import configured_clients

    clients = configured_clients()
    there = beside.submit(clients.advoware.get, betnr)
    clients.espocrm.get(espo_id)
    there.result()
    if told:
        clients.espocrm.patch(espo_id, {"syncStatus": "pending_sync"})
