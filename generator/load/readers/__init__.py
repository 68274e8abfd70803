"""The rows of one file, a module for each format."""
