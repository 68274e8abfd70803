"""Where input files are, which there are, and what they are digested to."""
