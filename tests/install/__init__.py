"""`make install-check`: a machine set up from docs/DEPLOYMENT.md's own lines, from the wheel to a page over TLS."""
