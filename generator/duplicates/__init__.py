"""Which courses are the same: versions, other titles of the same content, copies."""
