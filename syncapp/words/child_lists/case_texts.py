"""The texts of cases about addresses and bank accounts, of their answers, and of links that are no plain pair.

Invariant: every code has its text for each kind that can have it, every answer its label; no sentence holds a value.
To extend: a row of ADDRESS or ACCOUNT for a CaseCode of core.child_lists.shapes, a row of ANSWERS for a CaseAnswer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from syncapp.core.child_lists.decisions import CaseAnswer
from syncapp.core.child_lists.shapes import CaseCode
from syncapp.words import Words


@dataclass(frozen=True, slots=True)
class CaseText:
    """A short name for lists, what has happened, and what to do; `blind`: it is to be answered where Advoware's list
    cannot be read."""

    name: Words
    what: Words
    todo: Words
    blind: bool = False


CLOSES = gettext_lazy("The task closes by itself when a run finds both sides equal.")
DELETED = gettext_lazy("The task closes by itself when a run no longer finds it there.")
SAY_SO = gettext_lazy("Advoware's list of bank accounts cannot be read: say here when it is done.")
UNKNOWN_TASK = gettext_lazy("This task was written by another version of Advosync, which this one does not know.")
ASK_NEWER = gettext_lazy("Please wait until the update of Advosync is complete, and open the page again.")
DETAILS = "details"  # of an address: flags, dates, remark

ADDRESS: Mapping[str, CaseText] = {
    CaseCode.change_in_advoware: CaseText(
        gettext_lazy("to be changed in Advoware"),
        gettext_lazy(
            "This address was changed in EspoCRM. Advoware does not let programs change country or PO box; so that no "
            "mixed address arises, nothing of it was written."
        ),
        gettext_lazy("Please change the address in Advoware by hand, so that it says what EspoCRM says."),
    ),
    DETAILS: CaseText(
        gettext_lazy("details to be changed in Advoware"),
        gettext_lazy(
            "Details of this address were changed in EspoCRM. Advoware does not let programs change default, validity "
            "and remark."
        ),
        gettext_lazy("Please change them in Advoware by hand, if they are to hold there too."),
    ),
    CaseCode.delete_in_advoware: CaseText(
        gettext_lazy("to be deleted in Advoware"),
        gettext_lazy(
            "This address was deleted in EspoCRM and still stands in Advoware, which does not let programs delete."
        ),
        gettext_lazy("Please delete it in Advoware by hand, or let its validity end there."),
    ),
    CaseCode.same_or_different: CaseText(
        gettext_lazy("the same address?"),
        gettext_lazy(
            "The address in EspoCRM and the one in Advoware look alike and are not equal. Neither side is written "
            "before somebody has said whether they are one address."
        ),
        gettext_lazy("Please compare both and decide."),
    ),
    CaseCode.outcome_unknown: CaseText(
        gettext_lazy("created or not?"),
        gettext_lazy(
            "This address was sent to Advoware, and no answer says whether it was entered. It is not sent again by "
            "itself: a double could not be deleted by a program."
        ),
        gettext_lazy("Please look in Advoware whether it is there, then say so here."),
    ),
    CaseCode.gone_in_advoware: CaseText(
        gettext_lazy("gone in Advoware"),
        gettext_lazy(
            "This address was deleted in Advoware and still stands in EspoCRM, which has no field to put it out of use."
        ),
        gettext_lazy(
            "Please delete it in EspoCRM, if it does not hold any more. If it does, change it there: it is then "
            "entered in Advoware anew."
        ),
    ),
    CaseCode.letter_block: CaseText(
        gettext_lazy("letter block to be checked"),
        gettext_lazy(
            "This address was changed in Advoware by a sync. Its letter block has a text of its own there, which was "
            "kept; letters are sent with it."
        ),
        gettext_lazy("Please check the letter block in Advoware, correct it if need be, then say so here."),
    ),
    CaseCode.double: CaseText(
        gettext_lazy("stands there twice"),
        gettext_lazy("The same address stands twice on one side. The second one follows the first."),
        gettext_lazy("Nothing has to be done. Whoever likes order deletes one of the two."),
    ),
    CaseCode.refused: CaseText(
        gettext_lazy("not accepted"),
        gettext_lazy("{by} did not accept this address. It is not sent again as it is; everything else is carried."),
        gettext_lazy("Please correct the address in {origin}; it is then carried by itself."),
    ),
    CaseCode.differs: CaseText(
        gettext_lazy("which one is right?"),
        gettext_lazy(
            "Both belong together and differ, and nobody knows any more who changed what: the knowledge of earlier "
            "syncs was lost. Nothing was written."
        ),
        gettext_lazy("Please choose the right one; the other side then takes it."),
    ),
    CaseCode.waiting: CaseText(
        gettext_lazy("waits to be carried"),
        gettext_lazy(
            "This address stands on one side alone. What a first load finds so, and more than a handful of new ones "
            "at once, is not carried before somebody has said so."
        ),
        gettext_lazy(
            "Please check whether it is to be carried to the other side. If not, leave it waiting, or delete it where "
            "it stands: the task then closes by itself."
        ),
    ),
    CaseCode.not_taken: CaseText(
        gettext_lazy("not taken as it was sent"),
        gettext_lazy(
            "Advoware has answered that it wrote this address, and holds something else than it was sent. It is not "
            "sent again by itself."
        ),
        gettext_lazy("Please compare both, and correct the address on either side."),
    ),
    CaseCode.rewritten: CaseText(
        gettext_lazy("goes back and forth"),
        gettext_lazy(
            "This address was written again and again within an hour: two systems correct one another. It is left "
            "alone for now."
        ),
        gettext_lazy(
            "Please find out what sets it back, such as a workflow in EspoCRM or an old form in Advoware. An hour "
            "later it is tried again by itself."
        ),
    ),
}
ACCOUNT: Mapping[str, CaseText] = {
    CaseCode.not_taken: CaseText(
        gettext_lazy("not taken as it was sent"),
        gettext_lazy(
            "Advoware has answered that it entered this account, and holds something else than it was sent. It is not "
            "sent again by itself."
        ),
        gettext_lazy("Please compare both, and correct the account on either side."),
        blind=True,
    ),
    CaseCode.change_in_advoware: CaseText(
        gettext_lazy("to be changed in Advoware"),
        gettext_lazy("This bank account was changed in EspoCRM. Advoware does not let programs change bank accounts."),
        gettext_lazy("Please change it in Advoware by hand, with the values that stand in EspoCRM."),
        blind=True,
    ),
    CaseCode.delete_in_advoware: CaseText(
        gettext_lazy("to be deleted in Advoware"),
        gettext_lazy(
            "This bank account was deleted in EspoCRM, or put out of use there. Advoware does not let programs delete."
        ),
        gettext_lazy("Please delete it in Advoware by hand, if nobody is to pay there any more."),
        blind=True,
    ),
    CaseCode.outcome_unknown: CaseText(
        gettext_lazy("created or not?"),
        gettext_lazy(
            "This bank account was sent to Advoware, and no answer says whether it was entered. It is not sent again "
            "by itself: a double could not be deleted by a program."
        ),
        gettext_lazy("Please look in Advoware whether it is there, then say so here."),
    ),
    CaseCode.gone_in_advoware: CaseText(
        gettext_lazy("gone in Advoware"),
        gettext_lazy(
            "This bank account was deleted in Advoware and still stands in EspoCRM, which has no field to put it out "
            "of use."
        ),
        gettext_lazy("Please delete it in EspoCRM, if nobody is to pay there any more."),
    ),
    CaseCode.double: CaseText(
        gettext_lazy("stands there twice"),
        gettext_lazy("The same IBAN stands twice on one side. The second one is only shown."),
        gettext_lazy("Nothing has to be done. Whoever likes order deletes one of the two."),
    ),
    CaseCode.refused: CaseText(
        gettext_lazy("not accepted"),
        gettext_lazy(
            "{by} did not accept this bank account, or would not: {field}. It is not sent again as it is; everything "
            "else is carried."
        ),
        gettext_lazy("Please correct the account in {origin}; it is then carried by itself."),
    ),
    CaseCode.conflict: CaseText(
        gettext_lazy("changed on both sides"),
        gettext_lazy(
            "This bank account was changed differently in EspoCRM and in Advoware. Payment data are not overwritten "
            "by a rule: nothing was written."
        ),
        gettext_lazy("Please find out which account is right, and correct the other side by hand."),
    ),
    CaseCode.waiting: CaseText(
        gettext_lazy("waits to be carried"),
        gettext_lazy(
            "This bank account stands on one side alone. What a first load finds so, and more than a handful of new "
            "ones at once, is not carried before somebody has said so."
        ),
        gettext_lazy(
            "Please check whether it is to be carried to the other side. If not, leave it waiting, or delete it where "
            "it stands: the task then closes by itself."
        ),
    ),
    CaseCode.allow_post: CaseText(
        gettext_lazy("may it be sent?"),
        gettext_lazy(
            "This bank account is new in EspoCRM. Advoware's list of bank accounts cannot be read, so nobody knows "
            "whether it stands there already."
        ),
        gettext_lazy("Please look in Advoware. If it is not there, let it be entered."),
    ),
    CaseCode.assumed_known: CaseText(
        gettext_lazy("known in Advoware?"),
        gettext_lazy(
            "Advoware's list of bank accounts cannot be read, and this one may stand there already: it was there "
            "before this record was looked at for the first time, or bears a number of Advoware's. It is not sent "
            "unasked."
        ),
        gettext_lazy("Please look in Advoware once, and say here whether it is there."),
    ),
}
# How a case ends that nobody answers.
ENDS: Mapping[str, Words] = {
    CaseCode.change_in_advoware: CLOSES,
    CaseCode.conflict: CLOSES,
    CaseCode.differs: CLOSES,
    CaseCode.not_taken: CLOSES,
    CaseCode.delete_in_advoware: DELETED,
}
# CaseAnswer: (label of its button, what happens then)
ANSWERS: Mapping[CaseAnswer, tuple[Words, Words]] = {
    CaseAnswer.same: (
        gettext_lazy("The same, both stay as they are spelled"),
        gettext_lazy("Both are linked from now on. Nothing is written; later changes go to the other side."),
    ),
    CaseAnswer.same_send: (
        gettext_lazy("The same, EspoCRM's spelling holds"),
        gettext_lazy("Both are linked, and the next run writes EspoCRM's spelling to Advoware."),
    ),
    CaseAnswer.different: (
        gettext_lazy("Two different ones"),
        gettext_lazy("The next run carries each of them to the other side, as something of its own."),
    ),
    CaseAnswer.there: (
        gettext_lazy("It is there"),
        gettext_lazy("It is linked to what stands in Advoware, and not sent again."),
    ),
    CaseAnswer.not_there: (
        gettext_lazy("It is not there: send it again"),
        gettext_lazy("The next run enters it in Advoware once more. Look twice: a double has to be deleted by hand."),
    ),
    CaseAnswer.keep_espocrm: (
        gettext_lazy("EspoCRM is right"),
        gettext_lazy("The next run carries EspoCRM's value to Advoware, as far as Advoware lets programs."),
    ),
    CaseAnswer.keep_advoware: (
        gettext_lazy("Advoware is right"),
        gettext_lazy("The next run carries Advoware's value to EspoCRM."),
    ),
    CaseAnswer.carry: (
        gettext_lazy("Carry it"),
        gettext_lazy("The next run enters it on the other side."),
    ),
    CaseAnswer.as_new: (
        gettext_lazy("Enter it anew instead"),
        gettext_lazy(
            "The next run enters what EspoCRM says as a new entry in Advoware. The old one then has to be deleted by "
            "hand."
        ),
    ),
    CaseAnswer.allow: (
        gettext_lazy("It is not there: enter it"),
        gettext_lazy("The next run enters it in Advoware."),
    ),
    CaseAnswer.known: (
        gettext_lazy("It is there already"),
        gettext_lazy("Nothing is sent. Later changes become a task for somebody."),
    ),
    CaseAnswer.done: (
        gettext_lazy("Done by hand"),
        gettext_lazy("The task is done. Nobody checks it: what you say here holds."),
    ),
    CaseAnswer.noted: (
        gettext_lazy("Leave it as it is"),
        gettext_lazy(
            "Nothing is written, and the task leaves the list of things to do. It comes back when something about it "
            "changes."
        ),
    ),
}
# The state of a link that is no plain pair.
STATES: Mapping[str, Words] = {
    "tombstone": gettext_lazy("deleted in EspoCRM"),
    "gone": gettext_lazy("gone in Advoware"),
    "waiting": gettext_lazy("waits to be carried"),
    "different": gettext_lazy("known to be another one"),
    "refused": gettext_lazy("not accepted"),
    "assumed": gettext_lazy("taken for known in Advoware"),
    "allowed": gettext_lazy("may be sent"),
    "double_entry": gettext_lazy("stands twice in Advoware"),
    "double_item": gettext_lazy("stands twice in EspoCRM"),
}
