"""Words of the admin theme, which brings no German: named here so that they are translated with ours.

Invariant: each is spelled as in the theme's templates. To extend: add the word, and its German text in locale/de.
"""

from django.utils.translation import gettext_noop as _

WORDS = (
    _(" By %(filter_title)s "),
    _("After you've created a user, you’ll be able to edit more user options."),
    _("All applications"),
    _("Apply Filters"),
    _("Date from"),
    _("Date to"),
    _("Dark"),
    _("Expand row"),
    _("Filters"),
    _("Forgotten your password or username?"),
    _("General"),
    _("Go back"),
    _("Light"),
    _("Loading more results..."),
    _("Next"),
    _("No data"),
    _("No results found"),
    _("No results matching your query"),
    _("Previous"),
    _("Reset filters"),
    _("Return to site"),
    _("Run"),
    _("Search apps and models..."),
    _("Select action"),
    _("Select action to run"),
    _("Select all rows"),
    _("Select record"),
    _("Select value"),
    _("Submit"),
    _("System"),
    _("This item will be deleted."),
    _("This page yielded into no results. Create a new item or reset your filters."),
    _("Toggle password visibility"),
    _("Type to search"),
    _("Welcome"),
    # Of django.contrib.auth, whose groups are the roles here, in English too (locale/en).
    _("group"),
    _("groups"),
    _("Welcome back to"),
    _("You have been successfully logged out from the administration"),
)
