"""The forms of an exported file: what each is called, and what it is good for.

To extend: a row here for each of operations/exports/forms.py.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.words import Words

# code: (name, use).
FORM_WORDS: Mapping[str, tuple[Words, Words]] = {
    "xlsx": (_("Excel workbook (XLSX)"), _("for Excel and LibreOffice")),
    "csv": (_("CSV for Excel"), _("semicolons and a mark for umlauts, as a German Excel opens it")),
    "csv_plain": (_("CSV for programs"), _("commas, no mark, times with their zone")),
}
