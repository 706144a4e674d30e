"""German without gettext: .mo files are written by Python, only where they are missing or old."""

import gettext
import os

from advosync_project import translations

PO = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "record"\nmsgstr "Datensatz für Müller"\n'


def test_missing_and_old_files_are_compiled_and_current_ones_left(tmp_path):
    source = tmp_path / "someapp/locale/de/LC_MESSAGES/django.po"
    source.parent.mkdir(parents=True)
    source.write_text(PO)
    assert translations.compile_all(tmp_path) == [source]
    with source.with_suffix(".mo").open("rb") as compiled:
        assert gettext.GNUTranslations(compiled).gettext("record") == "Datensatz für Müller"
    assert translations.compile_all(tmp_path) == []
    later = source.stat().st_mtime + 10
    os.utime(source, (later, later))
    assert translations.compile_all(tmp_path) == [source]
