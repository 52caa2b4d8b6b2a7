"""Being written by another developer of the team right now: leave this file to them."""
