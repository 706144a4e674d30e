"""`make install-check`: a machine set up from docs/DEPLOYMENT.md's own lines, from the wheel to a page over TLS,
a backup that is put back, and an update."""
