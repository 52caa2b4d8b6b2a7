"""The vendor library: what each provider's API accepts, how it is called, and what its answers mean.

Nothing here knows a database, Django settings or the dashboard.
"""
