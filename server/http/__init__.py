"""Requests and answers as HTTP: bodies, schemas, problems, headers, and the way past Flask."""
