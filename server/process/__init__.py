"""The server as processes: how they start, are told apart from the outside, and stop."""
