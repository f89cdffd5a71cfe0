from rest_framework.pagination import CursorPagination


class Pages(CursorPagination):
    """Pages that stay stable while rows arrive, addressed by an opaque cursor."""

    page_size = 50
    ordering = "pk"
