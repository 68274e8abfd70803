"""Who may ask: API keys, the tenant and the rate limit that each names, and which hosts."""
