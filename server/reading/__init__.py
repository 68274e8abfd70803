"""Lists and manifests on their way from the store: which generation is live, cache, outages."""
