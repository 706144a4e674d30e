"""What comes of comparing the vendor's description of Advoware's API with what the client assumes.

Invariant: each fault of a document and each pair of aspect and agreement that the comparison can give has a row.
To extend: an aspect of core's comparison is a row of SAID.
"""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from syncapp.core.api_description.compare import Agreement, Aspect
from syncapp.core.api_description.document import DocumentFault
from syncapp.words import Words

AGREEMENTS: Mapping[Agreement, Words] = {
    Agreement.confirmed: _("confirmed"),
    Agreement.contradicted: _("contradicted"),
    Agreement.not_described: _("not described"),
}
FAULTS: Mapping[DocumentFault, Words] = {
    DocumentFault.no_object: _("it is no JSON object"),
    DocumentFault.no_version: _('neither "swagger": "2…" nor "openapi": "3…" stands in it'),
    DocumentFault.no_paths: _("it has no paths"),
}
# By aspect, and by whether the document agrees.
SAID: Mapping[tuple[Aspect, Agreement], Words] = {
    (Aspect.call, Agreement.confirmed): _("as assumed (%(path)s)"),
    (Aspect.call, Agreement.not_described): _("the document does not mention %(path)s"),
    (Aspect.method_missing, Agreement.contradicted): _("%(path)s has only %(methods)s"),
    (Aspect.path_spelling, Agreement.contradicted): _("spelled otherwise: %(path)s"),
    (Aspect.unexpected_method, Agreement.contradicted): _("assumed impossible, but described: %(path)s"),
    (Aspect.parameter, Agreement.confirmed): _("parameter %(name)s as assumed"),
    (Aspect.parameter, Agreement.contradicted): _("parameter %(name)s is spelled %(where)s"),
    (Aspect.parameter, Agreement.not_described): _("parameter %(name)s is not mentioned"),
    (Aspect.parameter_elsewhere, Agreement.contradicted): _("parameter %(name)s stands in %(where)s, not in the query"),
    (Aspect.field, Agreement.confirmed): _("field %(field)s as assumed"),
    (Aspect.field_bounded, Agreement.confirmed): _("field %(field)s as assumed; it takes %(described)s characters"),
    (Aspect.field_missing, Agreement.contradicted): _("there is no field %(field)s"),
    (Aspect.field_missing, Agreement.not_described): _("field %(field)s is not mentioned; it is not needed"),
    (Aspect.field_spelling, Agreement.contradicted): _("field %(field)s is spelled %(described)s"),
    (Aspect.field_type, Agreement.contradicted): _("field %(field)s is %(described)s, where %(assumed)s was assumed"),
    (Aspect.field_length, Agreement.contradicted): _(
        "field %(field)s takes %(described)s characters, where up to %(assumed)s are sent"
    ),
    (Aspect.no_fields, Agreement.not_described): _("its fields are not described"),
}
