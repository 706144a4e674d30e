"""What an act is to people: its name, its icon, and what it does before somebody says yes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from syncapp.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionWords:
    """`plural`: its name for many, where `label` speaks of one. `again`: label and explanation for what was tried in
    vain, where they differ. done: what has happened then; already: why there is nothing to do."""

    label: Words
    icon: str
    explanation: Words
    plural: Words = ""
    again: tuple[Words, Words] | None = None
    done: Words = ""
    already: Words = ""

    @property
    def many_label(self) -> Words:
        return self.plural or self.label

    @property
    def after_failure(self) -> "ActionWords":
        """In the words for what was tried in vain."""
        if self.again is None:
            return self
        label, explanation = self.again
        return replace(self, label=label, explanation=explanation)


@dataclass(frozen=True, slots=True)
class Worded:
    """What can be done, by its code: in addresses and logs, and among the words of its kind."""

    texts: ClassVar[Mapping[str, ActionWords]]

    code: str

    @property
    def words(self) -> ActionWords:
        return self.texts[self.code]

    @property
    def label(self) -> Words:
        return self.words.label

    @property
    def many_label(self) -> Words:
        return self.words.many_label

    @property
    def icon(self) -> str:
        return self.words.icon

    @property
    def explanation(self) -> Words:
        return self.words.explanation
