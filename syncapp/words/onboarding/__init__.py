"""What is set up in EspoCRM and here, in words: fields of our module, roles."""
