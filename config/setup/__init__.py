"""Sets the project up: `make run` and `make test`. Standard library only, because it runs before anything is installed."""
