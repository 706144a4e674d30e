"""Questions that change nothing: is the system alive, has our write stayed, what does the side say of itself."""
