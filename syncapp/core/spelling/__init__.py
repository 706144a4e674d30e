"""How text, letters, numbers, addresses and accounts are written, whoever wrote them; what a database can keep."""
