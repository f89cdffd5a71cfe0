from django.urls import NoReverseMatch, reverse


def address(page: str, *args: str) -> str:
    """Return the address of the page of that name, or nothing where it is not built yet."""
    try:
        return reverse(page, args=args)
    except NoReverseMatch:
        return ""
