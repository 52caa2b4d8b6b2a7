"""Context processor."""


def desk(request):
    return {}
