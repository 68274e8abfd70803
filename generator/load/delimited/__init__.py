"""Text with a separator: CSV, and what people write in its place."""
