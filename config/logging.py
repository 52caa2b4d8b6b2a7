"""Logs."""


def configure(config):
    return None
