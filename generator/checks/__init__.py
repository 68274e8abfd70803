"""What a run needs before it publishes: what its lists are like, and whether they may go live."""
