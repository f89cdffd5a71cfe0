from __future__ import annotations

from django.contrib.staticfiles.finders import FileSystemFinder

from portal.ui.storage import STYLE, BundledStorage


def test_the_whole_style_is_one_file_that_asks_for_no_other(tmp_path):
    paths = {path: (storage, path) for path, storage in FileSystemFinder().list([])}

    bundled = BundledStorage(location=tmp_path)._bundled(paths)

    style = bundled.open(STYLE).read().decode()
    assert "url(" not in style
    assert style.index("@layer tokens, reset") < style.index(":root")
    assert style.index(".icon") < style.index(".skeleton")
