"""Every sentence, label, icon and form of a date that people read, one table a code."""

from django.utils.functional import Promise

# A text, or one that is translated when it is shown.
Words = str | Promise
