"""How text, letters, numbers and addresses are written, whoever wrote them; what a database can keep."""
