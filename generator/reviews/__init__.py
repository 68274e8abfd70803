"""What reviews say of courses: how they are rated, and how they are spoken of."""
