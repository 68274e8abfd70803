"""Models over the lists of other models."""
