from django.http import HttpRequest, HttpResponse


def soon(request: HttpRequest, *_: object, **__: object) -> HttpResponse:
    return HttpResponse("soon")
