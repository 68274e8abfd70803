"""Between two runs: what learners did since comes in, fresh lists go out."""
