"""Rules on ranked lists, after the model and before they are stored."""
