"""What the parts for addresses and bank accounts share: their links and cases in the database."""
