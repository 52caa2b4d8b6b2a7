"""Everything that writes: keyword-only, typed, each owning its transaction."""
