"""Learning to rank: features of a user, a course, both and the moment, and trees over them."""
