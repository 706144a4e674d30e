"""Who belongs to whom: found, made, claimed by two, linked anew, and gone on one side."""
