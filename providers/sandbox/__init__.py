"""The emulator: every vendor's documented behaviour on loopback, with a ledger of effects and switchable faults."""
