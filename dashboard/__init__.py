"""The Django app of Dispatch Desk."""
