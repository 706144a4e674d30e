"""What a run writes: the Beteiligter in Advoware, the record and its status in EspoCRM, and how far it has come."""
