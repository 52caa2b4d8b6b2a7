"""Everything that reads for pages and exports."""
