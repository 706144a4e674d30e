/* Small things that need a script; everything on these pages works without it, only less smoothly. */
