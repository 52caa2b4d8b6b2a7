"""The desk's own forms. A provider's fields come from the provider."""
