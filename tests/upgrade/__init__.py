"""`make upgrade-check`: what an update does to an installation that is in use, for every release that there was."""
